import { expect, test } from 'vitest';
import { dataReport } from '../../orchestrator/plan/data-report.ts';
import { histogramOf } from '../../orchestrator/plan/histogram-of.ts';
import { inspection } from './inspected.ts';

const LENGTHS = [10, 20, 21, 900];
const INSPECTION = inspection({
  rows: 5,
  brokenRows: 1,
  lengths: LENGTHS,
  traceLengths: [5, 10, 10, 800],
  labels: [6, 12, 12, 850],
});

test('a sample is too long where it has more tokens than the sequence', () => {
  expect(dataReport(INSPECTION, 20)).toMatchObject({ samples: 4, tokens: 951, overLength: 2 });
  expect(dataReport(INSPECTION, 900).overLength).toBe(0);
  expect(dataReport(INSPECTION, null)).toMatchObject({ overLength: 0, sequenceLength: null });
});

test('a histogram that is written into a recipe has no empty bins, and all samples', () => {
  const bins = histogramOf(LENGTHS, 'd', null)?.bins ?? [];
  expect(bins.every(({ count }) => count > 0)).toBe(true);
  expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(LENGTHS.length);
  expect([bins[0]?.from, bins.at(-1)?.to]).toEqual([10, 900]);
});
