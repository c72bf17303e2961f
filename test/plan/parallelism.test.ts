import { describe, expect, it } from 'vitest';
import { isStintError, type Problem } from '../../orchestrator/errors/stint-error.ts';
import { layoutOf } from '../../orchestrator/plan/parallelism.ts';
import type { Training } from '../../orchestrator/recipe/training.ts';
import { profile, recipe, withTraining } from './fixtures.ts';

const layout = (training: Partial<Training>) =>
  layoutOf(withTraining(recipe('s1-32b'), training), profile('h100-16'));

function problemOf(training: Partial<Training>): Problem {
  try {
    layout(training);
  } catch (error) {
    if (isStintError(error) && error.problems[0]) return error.problems[0];
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('sharing the work among ranks', () => {
  it('makes a node one group where its devices divide the key/value heads', () => {
    expect(layoutOf(recipe('s1-32b'), profile('h100-16'))).toMatchObject({
      world: 16,
      sequenceParallel: 8,
      groups: 2,
    });
  });

  it('takes the widest group that divides both devices and heads', () => {
    const { model, ...rest } = recipe('s1-32b');
    const four = { ...rest, model: { ...model, architecture: { ...model.architecture, keyValueHeads: 4 } } };
    expect(layoutOf(four, profile('h100-8')).sequenceParallel).toBe(4);
  });

  it('gives each rank whole samples on processors', () => {
    expect(layoutOf(recipe('s1-32b'), profile('laptop'))).toMatchObject({ sequenceParallel: 1, groups: 2 });
  });

  it('refuses a batch that the groups do not divide, naming the nearest that they do', () => {
    const twenty = problemOf({ globalBatch: 20, sequenceParallel: 2 });
    expect(twenty).toMatchObject({ code: 'batch-not-divisible', where: 'training.globalBatch' });
    expect(twenty.todo).toContain('16 or 24');
    expect(problemOf({ globalBatch: 3, sequenceParallel: 2 }).todo).toContain('to 8');
    expect(layout({ globalBatch: 24, sequenceParallel: 2 }).groups).toBe(8);
  });

  it('refuses a group that heads or devices cannot make, naming those they can', () => {
    const three = problemOf({ sequenceParallel: 3 });
    expect(three).toMatchObject({
      code: 'sequence-parallel-not-divisible',
      where: 'training.sequenceParallel',
    });
    expect(three.todo).toContain('1, 2, 4, 8');
  });
});
