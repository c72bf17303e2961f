import { expect, test } from 'vitest';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import { EvaluationSettingsSchema } from '../../orchestrator/recipe/evaluation.ts';
import { armInput } from './fixture.ts';

interface Measured {
  readonly grader?: 'exact' | 'math';
  readonly temperature?: number;
  readonly factor?: string;
}

function told(short: Measured, long: Measured): readonly string[] {
  const arm = (name: 'short' | 'long', { grader = 'exact', temperature, factor }: Measured) => {
    const { evaluation, recipe, ...input } = armInput(name);
    if (evaluation === null) throw new Error('the fixture is evaluated');
    const benchmark = { name: 'running-digit', source: { kind: 'file', path: 'asked.jsonl' }, grader };
    const controls = [{ kind: 'budget', maxThinkingTokens: 8 }];
    const asked = EvaluationSettingsSchema.parse({ benchmarks: [benchmark], controls });
    return armInput(name, {
      recipe: { ...recipe, evaluation: asked },
      evaluation: {
        ...evaluation,
        ...(temperature !== undefined && { sampling: { temperature, samples: 1, seed: 1 } }),
      },
      ...(factor !== undefined && { factor: { path: factor, value: input.factor?.value } }),
    });
  };
  const { findings } = compareArms([arm('short', short), arm('long', long)]);
  return findings.map(({ text }) => text).filter((text) => /^answers .*a part of the differences/.test(text));
}

test('says where graders or temperatures differ, by which a model seems better or worse', () => {
  expect(told({ grader: 'exact' }, { grader: 'math' })).toEqual([
    'answers on running-digit were graded by different graders (short by exact; long by math): a part of the differences is the graders’',
  ]);
  expect(told({}, { temperature: 1 })).toEqual([
    'answers were drawn at different temperatures (short at 0; long at 1): a part of the differences is how they were drawn',
  ]);
});

test('says nothing where they agree, and where they differ on purpose', () => {
  expect(told({}, { temperature: 0 })).toEqual([]);
  expect(told({ temperature: 1 }, { temperature: 1 })).toEqual([]);
  const factor = 'evaluation.temperature';
  expect(told({ factor }, { temperature: 1, factor })).toEqual([]);
});
