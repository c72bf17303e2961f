import { expect, test } from 'vitest';
import { caveats } from '../../orchestrator/comparison/caveats.ts';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import type { EvaluationRow } from '../../orchestrator/comparison/comparison.ts';
import { armInput } from './fixture.ts';

const { findings: _, ...facts } = compareArms([armInput('short'), armInput('long')]);

interface Counts {
  readonly times: number;
  readonly ignored: number | null;
  readonly impossible: number | null;
  readonly control?: EvaluationRow['control'];
  readonly asked?: number;
  readonly countedOut?: number;
  readonly forcedShare?: number;
}

/** What is said of the first arm's first evaluation, of 240 questions, with these counts. */
function told(counts: Counts): string {
  const [arm, ...others] = facts.arms;
  const [first, ...more] = arm?.evaluations ?? [];
  if (arm === undefined || first === undefined) throw new Error('the fixture has evaluations');
  const control = counts.times > 0 ? 'wait' : 'budget';
  const arms = [{ ...arm, evaluations: [{ ...first, control, ...counts } as const, ...more] }, ...others];
  return caveats({ ...facts, arms })
    .map(({ text }) => text)
    .join('\n');
}

test('an engine that ignored a control is found out', () => {
  expect(told({ times: 0, ignored: 3, impossible: 0 })).toContain(
    'short (r-01k9short): the engine ignored budget 4 on running-digit for 3 of 240 questions',
  );
});

test('a Wait that found nothing to suppress is not taken for one that helped nothing', () => {
  expect(told({ times: 2, ignored: 0, impossible: 60 })).toContain(
    'budget 4 with 2 × Wait on running-digit could not be carried out for 60 of 240 questions',
  );
  const before = 'most often because thinking never ended by itself: its accuracy is that of';
  expect(told({ times: 1, ignored: 0, impossible: 60 })).toContain(`${before} the plain budget there`);
  // One of two may have been carried out.
  expect(told({ times: 2, ignored: 0, impossible: 60 })).toContain(`${before} fewer there`);
});

test('a model that does not do as it is told, and a limit that no try kept, are no fault of the engine', () => {
  const of = (control: EvaluationRow['control'], asked: number, ignored: number, impossible: number) =>
    told({ control, asked, times: 0, ignored, impossible });
  expect(of('token', 2, 90, 0)).toContain(
    'the model did not do as it was told by budget 4, told up to 2 tokens on running-digit for 90 of 240 questions',
  );
  expect(of('rejection', 64, 0, 30)).toContain(
    'with up to 64 tries within 4 on running-digit no try ended within the limit for 30 of 240 questions',
  );
});

test('steps that were kept because the count ended the thinking are not taken for a model that heeds them', () => {
  const of = (countedOut: number) =>
    told({ control: 'step', asked: 4, times: 0, ignored: 0, impossible: 0, countedOut });
  expect(of(60)).toContain(
    'under budget 4, told up to 4 steps on running-digit thinking was ended because no step was left for 60 of 240 questions',
  );
  expect(of(11)).not.toContain('no step was left');
});

test('tokens that were kept because the budget ended the thinking are not taken for a model that heeds them', () => {
  const of = (asked: number, forcedShare: number) =>
    told({ control: 'token', asked, times: 0, ignored: 0, impossible: 0, forcedShare });
  const said =
    'told up to 4 tokens on running-digit thinking was ended by the budget for 60 of 240 questions: that they kept to their tokens was not the model’s doing';
  expect(of(4, 0.25)).toContain(said);
  expect(of(5, 0.25)).toContain(said.replace('4 tokens', '5 tokens'));
  // What is told is less than the budget, or the budget ended nothing.
  expect(of(3, 0.25)).not.toContain('ended by the budget');
  expect(of(4, 0)).not.toContain('ended by the budget');
});

test('nothing is said of a few, of plain budgets, and of what was not counted', () => {
  const silent: readonly Counts[] = [
    { times: 2, ignored: 0, impossible: 11 },
    { times: 0, ignored: 0, impossible: 60 },
    { times: 2, ignored: null, impossible: null },
  ];
  for (const counts of silent) expect(told(counts)).not.toMatch(/ignored|carried out/);
});
