import { expect, test } from 'vitest';
import { longestThought } from '../../orchestrator/plan/longest-thought.ts';
import { thoughtAgain, toldTokens } from '../../orchestrator/plan/thought-again.ts';
import { EvaluationSettingsSchema } from '../../orchestrator/recipe/evaluation.ts';

const half = (limit: number) => limit / 2;

test('only a plain budget begins as another one did', () => {
  const again = (control: Parameters<typeof thoughtAgain>[0][number]) => thoughtAgain([control], half);
  expect(again({ kind: 'budget', maxThinkingTokens: 100 })).toEqual({ expected: 0, most: 0 });
  expect(again({ kind: 'wait', times: 2, text: 'Wait', maxThinkingTokens: 100 })).toEqual({
    expected: 25,
    most: 100,
  });
  const restarted = { kind: 'wait', times: 2, text: 'Wait', accounting: 'restart' } as const;
  expect(again({ ...restarted, maxThinkingTokens: 100 })).toEqual({ expected: 50, most: 300 });
  expect(again({ kind: 'token', tokens: 8, maxThinkingTokens: 100 })).toEqual({ expected: 50, most: 100 });
  expect(again({ kind: 'rejection', tries: 9, maxThinkingTokens: 100 })).toEqual({
    expected: 250,
    most: 900,
  });
  expect(thoughtAgain([], half)).toEqual({ expected: 0, most: 0 });
});

test('of controls that tell a model something, the one that tells most counts, at a token a byte', () => {
  expect(toldTokens([])).toBe(0);
  expect(toldTokens([{ kind: 'budget', maxThinkingTokens: 1 }])).toBe(0);
  const told = [
    [{ kind: 'class', length: 'long', maxThinkingTokens: 1 }, 200],
    [{ kind: 'class', length: 'short', maxThinkingTokens: 1 }, 97],
    [{ kind: 'token', tokens: 16_384, maxThinkingTokens: 8 }, '\n\nThink for up to 16384 tokens.'.length],
    [{ kind: 'step', steps: 8, maxThinkingTokens: 8 }, '\n\nThink for up to 8 steps.'.length],
  ] as const;
  for (const [control, tokens] of told) expect(toldTokens([control])).toBe(tokens);
  expect(toldTokens(told.map(([control]) => control))).toBe(200);
});

const settings = (controls: readonly object[], more: object = {}) =>
  EvaluationSettingsSchema.safeParse({
    benchmarks: [{ name: 'sums', source: { kind: 'file', path: 'sums.jsonl' } }],
    controls,
    ...more,
  });

test.each([
  [
    'a class beside no plain budget',
    [{ kind: 'class', length: 'long', maxThinkingTokens: 8 }],
    {},
    'nobody steered',
  ],
  ['tries that are all the same', [{ kind: 'rejection', maxThinkingTokens: 8 }], {}, 'temperature 0'],
  ['no number of tokens', [{ kind: 'token', maxThinkingTokens: 8 }], {}, 'expected number'],
  ['no try', [{ kind: 'rejection', tries: 0, maxThinkingTokens: 8 }], { temperature: 1 }, 'Too small'],
])('a recipe with %s is refused', (_, controls, more, says) => {
  const parsed = settings(controls, more);
  expect(parsed.success).toBe(false);
  expect(parsed.error?.issues.map(({ message }) => message).join()).toContain(says);
});

test('a thought is as long as its budget at most, and as long as all its rounds where each has that', () => {
  const wait = { kind: 'wait', times: 2, text: ' Wait', maxThinkingTokens: 100 } as const;
  expect(longestThought([{ kind: 'budget', maxThinkingTokens: 120 }, wait])).toBe(120);
  expect(longestThought([wait, { ...wait, accounting: 'restart' }])).toBe(3 * 100 + 2 * 5);
  // A token of a text may be one byte of a character.
  expect(longestThought([{ ...wait, times: 1, text: '等', accounting: 'restart' }])).toBe(203);
});

test.each([
  ['twice', {}],
  ['and as it would be without a word', { accounting: 'shared' }],
  ['and the same with the text that it has anyway', { text: 'Wait' }],
])('a control that stands there %s is refused, because its results would have one name', (_, more) => {
  const wait = { kind: 'wait', times: 1, maxThinkingTokens: 8 };
  const parsed = settings([wait, { ...wait, ...more }]);
  expect(parsed.error?.issues.map(({ message }) => message).join()).toContain(
    'expected another control than those before it',
  );
  expect(settings([wait, { ...wait, text: 'Hmm' }, { ...wait, accounting: 'restart' }]).success).toBe(true);
});

test('every control of the paper can be written', () => {
  const controls = [
    { kind: 'budget', maxThinkingTokens: 8 },
    { kind: 'wait', times: 1, maxThinkingTokens: 8 },
    { kind: 'wait', times: 1, maxThinkingTokens: 8, accounting: 'restart' },
    { kind: 'token', tokens: 4, maxThinkingTokens: 8 },
    { kind: 'step', steps: 4, maxThinkingTokens: 8 },
    { kind: 'class', length: 'short', maxThinkingTokens: 8 },
    { kind: 'rejection', tries: 655, maxThinkingTokens: 8 },
  ];
  expect(settings(controls, { temperature: 1 }).success).toBe(true);
});
