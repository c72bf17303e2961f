import { expect, it } from 'vitest';
import { whatPrepareRefuses } from '../../orchestrator/plan/unusable-data.ts';
import type { FineTune } from '../../orchestrator/recipe/fine-tune.ts';
import type { Inspection } from '../../orchestrator/wire/inspection.ts';
import { recipe, withTraining } from './fixtures.ts';

const s1 = withTraining(recipe('s1-32b'), { sequenceLength: 100 });
const NOTHING = {
  broken: [],
  brokenRows: 0,
  controlTokens: 0,
  controlTokenRows: [],
  lengths: [50, 100, 101],
  labels: [40, 90, 90],
  benchmarks: [],
} as const;
const told = (found: Partial<Inspection>, dataset: Partial<FineTune['dataset']> = {}) =>
  whatPrepareRefuses({ ...s1, dataset: { ...s1.dataset, overLength: 'refuse', ...dataset } }, {
    ...NOTHING,
    ...found,
  } as unknown as Inspection);
const row = (line: number) => ({ file: 'a.jsonl', line, what: 'is no JSON' });

it('nothing is refused of data that can be used', () => {
  expect(told({})).toEqual([]);
});

it('rows that cannot be used are counted, and the first three named', () => {
  expect(told({ brokenRows: 1, broken: [row(7)] })).toEqual([
    '1 row cannot be used (a.jsonl:7 is no JSON): fix or remove them; `stint data inspect` lists them',
  ]);
  expect(told({ brokenRows: 9, broken: [row(1), row(2), row(3), row(4)] })[0]).toBe(
    '9 rows cannot be used (a.jsonl:1 is no JSON; a.jsonl:2 is no JSON; a.jsonl:3 is no JSON; and 6 more): fix or remove them; `stint data inspect` lists them',
  );
  expect(told({ brokenRows: 3, broken: [row(1), row(2), row(3)] })[0]).not.toContain('more');
});

it('control tokens are refused where the recipe does not make text of them', () => {
  const found = { controlTokens: 2, controlTokenRows: [row(1), row(2)] };
  expect(told(found, { controlTokens: 'refuse' })).toEqual([
    'control tokens of the tokenizer stand as text in 2 rows (a.jsonl:1 is no JSON; a.jsonl:2 is no JSON): remove them, or set dataset.controlTokens to text, which makes plain text of them',
  ]);
  expect(told(found, { controlTokens: 'text' })).toEqual([]);
});

it('samples that a cut leaves without a label are refused where samples are cut', () => {
  const found = { lengths: [300, 300, 90], labels: [200, 201, 90] };
  expect(told(found, { overLength: 'truncate' })).toEqual([
    '1 row would have no label left within training.sequenceLength 100, because their questions alone are that long: raise it, or remove them',
  ]);
  expect(told(found, { overLength: 'drop' })).toEqual([]);
  expect(told({ lengths: [300], labels: [] }, { overLength: 'truncate' })).toEqual([]);
});

it('data of which dropping or nothing leaves no sample are refused', () => {
  expect(told({ lengths: [101, 300] }, { overLength: 'drop' })).toEqual([
    'every sample is longer than training.sequenceLength 100, so none is left: raise it',
  ]);
  expect(told({ lengths: [100, 300] }, { overLength: 'drop' })).toEqual([]);
  expect(told({ lengths: [] }, { overLength: 'drop' })).toEqual([
    'there are no rows: point dataset.source at data',
  ]);
  expect(told({ lengths: [], brokenRows: 1, broken: [row(1)] })).toHaveLength(1);
});

it('questions of a benchmark that cannot be asked are refused by its name', () => {
  const benchmarks = [
    { name: 'sums', brokenRows: 2, broken: [row(1), row(2)] },
    { name: 'aime', brokenRows: 0, broken: [] },
  ] as unknown as Inspection['benchmarks'];
  expect(told({ benchmarks })).toEqual([
    '2 rows of benchmark sums cannot be used (a.jsonl:1 is no JSON; a.jsonl:2 is no JSON): fix or remove them',
  ]);
});
