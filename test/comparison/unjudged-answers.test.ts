import { expect, test } from 'vitest';
import { caveats } from '../../orchestrator/comparison/caveats.ts';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import { armInput } from './fixture.ts';

const { findings: _, ...facts } = compareArms([armInput('short'), armInput('long')]);

function told(unreadableShare: number | null, cutShare: number | null): readonly string[] {
  const [arm, ...others] = facts.arms;
  const evaluations = (arm?.evaluations ?? []).map((each) => ({ ...each, unreadableShare, cutShare }));
  const arms = arm === undefined ? [] : [{ ...arm, evaluations }, ...others];
  return caveats({ ...facts, arms }).map(({ text }) => text);
}

test('says of which arm many answers could not be read, and that they count as wrong', () => {
  expect(told(0.4, 0.25).join()).toMatch(
    /short \(r-01k9short\): up to 40(\.0)?% of the answers on running-digit say nothing .* count as wrong; 25(\.0)?% ended at evaluation\.maxAnswerTokens/,
  );
  expect(told(0.4, 0).join()).not.toContain('maxAnswerTokens');
});

test('says nothing of a few, or where they were not counted', () => {
  for (const share of [null, 0, 0.04]) expect(told(share, 0.9).join()).not.toContain('answers');
});

test('says so of a model before its training, too, and where its answers are', () => {
  const evaluations = (facts.arms[0]?.evaluations ?? []).map((each) => ({ ...each, unreadableShare: 0.9 }));
  const texts = caveats({ ...facts, untouched: [{ name: 'untouched', evaluations }] }).map(
    ({ text }) => text,
  );
  expect(texts.join()).toMatch(
    /untouched: up to 90(\.0)?% of the answers .* see evaluation\/untouched\.jsonl/,
  );
});

test('says it of each benchmark, because each has a grader of its own', () => {
  const [arm, ...others] = facts.arms;
  if (arm === undefined) throw new Error('the fixture has arms');
  const evaluations = ['sums', 'essays', 'digits'].flatMap((benchmark, place) =>
    arm.evaluations.map((each) => ({
      ...each,
      benchmark,
      unreadableShare: [0.5, 0.9, 0.01][place] ?? 0,
      cutShare: 0,
    })),
  );
  const texts = caveats({ ...facts, arms: [{ ...arm, evaluations }, ...others] }).map(({ text }) => text);
  const said = texts.flatMap(
    (text) => /up to ([\d.]+)% of the answers on (\w+)/.exec(text)?.slice(1, 3).join(' ') ?? [],
  );
  expect(said).toEqual(['50.0 sums', '90.0 essays']);
});
