import { describe, expect, it } from 'vitest';
import { classifyPods, exitClassOf, failureKind, isRetried } from '../../orchestrator/run/classify.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { EXIT_CODE_OF_CLASS, type ExitClass, ExitClassSchema } from '../../orchestrator/wire/termination.ts';
import { ended, pod } from './fixtures.ts';

const silent = (facts: Partial<PodFacts>) => pod({ phase: 'failed', endedAt: 2_000, ...facts });

describe('classifyPods', () => {
  it('is a success only when every pod succeeded', () => {
    expect(classifyPods([ended('succeeded'), ended('succeeded', { index: 1 })]).exitClass).toBe('succeeded');
    expect(classifyPods([ended('succeeded'), ended('data', { index: 1 })]).exitClass).toBe('data');
  });

  it('blames the pod that says what went wrong, not the peers that fell over first', () => {
    const peer = ended('infrastructure', { index: 0, endedAt: 1_500 });
    const culprit = ended('numerics', { index: 1, endedAt: 1_900 });
    expect(classifyPods([peer, culprit])).toEqual({ exitClass: 'numerics', message: 'says numerics' });
  });

  it('blames the hung pod, not a peer that lost the connection when its ranks were ended', () => {
    const peer = ended('infrastructure', { index: 1, endedAt: 1_500 });
    const hung = ended('hung', { index: 0, endedAt: 1_900 });
    expect(classifyPods([peer, hung]).exitClass).toBe('hung');
    const culprit = ended('data', { index: 2, endedAt: 1_950 });
    expect(classifyPods([peer, hung, culprit]).exitClass).toBe('data');
  });

  it('suspects every node of a gang whose machines were measured and found wanting, whichever of them is the cause', () => {
    const gang = [0, 1].map((index) => ended('unfit', { index, node: `node-${index}` }));
    const toldToEnd = ended('interrupted', { index: 2, node: 'node-2', endedAt: 1_500 });
    expect(classifyPods([toldToEnd, ...gang])).toEqual({
      exitClass: 'unfit',
      message: 'says unfit',
      nodes: ['node-2', 'node-0', 'node-1'],
    });
  });

  it('blames the pod with a defect to show, not the peers that lost it; of one without a word nobody knows', () => {
    const peer = ended('infrastructure', { index: 0, endedAt: 1_500 });
    const defect = ended('unknown', { index: 1, endedAt: 1_900 });
    expect(classifyPods([peer, defect])).toEqual({ exitClass: 'unknown', message: 'says unknown' });
    const { termination: _, ...wordless } = defect;
    expect(classifyPods([peer, wordless]).exitClass).toBe('infrastructure');
  });

  it('blames the first of equals', () => {
    const late = ended('data', {
      index: 0,
      endedAt: 1_900,
      termination: { exitClass: 'data', message: 'late' },
    });
    const early = ended('data', {
      index: 1,
      endedAt: 1_500,
      termination: { exitClass: 'data', message: 'early' },
    });
    expect(classifyPods([late, early]).message).toBe('early');
  });
});

describe('exitClassOf', () => {
  it.each(ExitClassSchema.options.filter((name) => name !== 'succeeded'))(
    'reads %s from the exit code alone',
    (name) => {
      expect(exitClassOf(silent({ exitCode: EXIT_CODE_OF_CLASS[name] }))).toBe(name);
    },
  );

  it.each<[string, Partial<PodFacts>, ExitClass]>([
    ['SIGKILL without a word is the machine', { signal: 'SIGKILL' }, 'infrastructure'],
    ['137 without a word is the machine', { exitCode: 137 }, 'infrastructure'],
    ['a code that nobody uses', { exitCode: 3 }, 'unknown'],
    ['failed although it claims success', { exitCode: 0 }, 'unknown'],
    ['a pod nobody saw the end of', { phase: 'lost' }, 'interrupted'],
  ])('%s', (_, facts, exitClass) => {
    expect(exitClassOf(silent(facts))).toBe(exitClass);
  });

  it('blames the pod that was killed, not the one that lost its connection in the same second', () => {
    const told = ended('infrastructure', { index: 0 });
    const { termination: _, ...killed } = ended('infrastructure', {
      index: 1,
      exitCode: 137,
      signal: 'SIGKILL',
    });
    expect(classifyPods([told, killed]).message).toContain('SIGKILL');
    expect(classifyPods([told, { ...killed, endedAt: 3_000 }]).message).toBe('says infrastructure');
    const { termination: __, ...left } = ended('infrastructure', { index: 2 });
    expect(classifyPods([left, killed]).message).toContain('SIGKILL');
    expect(classifyPods([{ ...told, signal: 'SIGKILL' }, killed]).message).toContain('SIGKILL and left');
  });
});

describe('the message of a pod that left none', () => {
  it.each<[Partial<PodFacts>, string]>([
    [{ phase: 'lost' }, 'r1-train-a1-0 was lost: nobody saw how it ended'],
    [{ signal: 'SIGKILL' }, 'r1-train-a1-0 was ended by SIGKILL and left no message; its log says more'],
    [{ exitCode: 3 }, 'r1-train-a1-0 exited with code 3 and left no message; its log says more'],
    [{}, 'r1-train-a1-0 exited with code ? and left no message; its log says more'],
  ])('says how it ended: %j', (facts, message) => {
    expect(classifyPods([silent(facts)]).message).toBe(message);
    const empty = { exitClass: 'unknown', message: '' } as const;
    expect(classifyPods([silent({ ...facts, termination: empty })]).message).toBe(message);
  });
});

describe('who must act on a failure', () => {
  it('and whether trying again can help is told for each class', () => {
    const table = ExitClassSchema.options.map((name) => [name, failureKind(name), isRetried(name)]);
    expect(table).toEqual([
      ['succeeded', 'infrastructure', false],
      ['usage', 'configuration', false],
      ['data', 'user', false],
      ['missing-input', 'user', false],
      ['numerics', 'user', false],
      ['storage', 'infrastructure', false],
      ['interrupted', 'infrastructure', true],
      ['configuration', 'configuration', false],
      ['out-of-memory', 'user', false],
      ['infrastructure', 'infrastructure', true],
      ['hung', 'infrastructure', true],
      ['unfit', 'infrastructure', true],
      ['unknown', 'infrastructure', false],
    ]);
  });

  it('suspects the node of a pod that was lost, whose node failed, or that the machine ended, and of no other', () => {
    const nodes = (facts: Partial<PodFacts>) => classifyPods([silent({ node: 'n', ...facts })]).nodes;
    expect(nodes({ phase: 'lost' })).toEqual(['n']);
    expect(nodes({ signal: 'SIGTERM', nodeFailed: true })).toEqual(['n']);
    expect(nodes({ signal: 'SIGKILL' })).toEqual(['n']);
    expect(nodes({ signal: 'SIGTERM' })).toBeUndefined();
    expect(nodes({ exitCode: EXIT_CODE_OF_CLASS.data })).toBeUndefined();
    expect(nodes({ exitCode: 128 })).toBeUndefined();
    expect(nodes({ exitCode: 129 })).toEqual(['n']);
  });
});

it('names a pod by its attempt where its job has started it again under the name of an earlier one', () => {
  const facts = {
    name: 'r1-train-a2-node-0-1-x',
    launch: 2,
    index: 1,
    phase: 'failed',
    endedAt: 2_000,
  } as const;
  const again = pod({ ...facts, attempt: 3, signal: 'SIGKILL' });
  expect(classifyPods([again]).message).toMatch(
    /^train-a3-1 \(r1-train-a2-node-0-1-x\) was ended by SIGKILL/,
  );
  const first = pod({ ...facts, attempt: 2, signal: 'SIGKILL' });
  expect(classifyPods([first]).message).toMatch(/^r1-train-a2-node-0-1-x was ended by SIGKILL/);
});

describe('the class of a pod', () => {
  it('is what its last words say, and not the code by which it left', () => {
    expect(exitClassOf(silent({ exitCode: 137, termination: { exitClass: 'data', message: 'm' } }))).toBe(
      'data',
    );
  });

  it('is told by its code where its last words are those of a success that did not come to pass', () => {
    const said = { exitClass: 'succeeded', message: 'm' } as const;
    expect(exitClassOf(silent({ exitCode: 137, termination: said }))).toBe('infrastructure');
    expect(exitClassOf(pod({ phase: 'succeeded', termination: said }))).toBe('succeeded');
  });

  it('whose node is gone is why its peers were interrupted, however late that is known', () => {
    const peer = ended('interrupted', { index: 0, node: 'well', endedAt: 1_500 });
    const lost = pod({ index: 1, node: 'gone', phase: 'lost', endedAt: 9_000 });
    expect(classifyPods([peer, lost]).message).toContain('was lost');
    expect(classifyPods([lost, peer]).message).toContain('was lost');
  });
});
