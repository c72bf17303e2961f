import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandHistogram } from '../../orchestrator/plan/histogram.ts';
import { histogramOf } from '../../orchestrator/plan/histogram-of.ts';
import { summariseLengths } from '../../orchestrator/plan/length-summary.ts';

const lengths = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 300 });

describe('a summary of lengths', () => {
  it('counts each length once, in bins of one nice width that follow each other and are no more than asked', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 2, max: 50 }), (all, most) => {
        const { bins, min, max } = summariseLengths(all, most) ?? { bins: [], min: 0, max: 0 };
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
        for (const { from, to, count } of bins)
          expect(count).toBe(all.filter((length) => from <= length && length < to).length);
        for (const [index, { from }] of bins.slice(1).entries()) expect(from).toBe(bins[index]?.to);
        expect(new Set(bins.map(({ from, to }) => to - from)).size).toBe(1);
        expect(bins.length).toBeLessThanOrEqual(most);
        expect([min, max]).toEqual([Math.min(...all), Math.max(...all)]);
        expect(bins[0]?.count).toBeGreaterThan(0);
        expect(bins.at(-1)?.count).toBeGreaterThan(0);
      }),
    );
  });

  it('has the median and the 95th per cent of the samples, whatever their order', () => {
    const all = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(summariseLengths(all, 10)).toMatchObject({ min: 1, median: 50, p95: 95, max: 100 });
    expect(summariseLengths([7], 10)).toEqual({
      min: 7,
      median: 7,
      p95: 7,
      max: 7,
      bins: [{ from: 7, to: 8, count: 1 }],
    });
    expect(summariseLengths([], 10)).toBeNull();
  });
});

describe('lengths that are written into a recipe', () => {
  it('keep their number and bounds, and nearly their sum', () => {
    fc.assert(
      fc.property(lengths, (all) => {
        const histogram = histogramOf(all, 'measured', null);
        const expanded = histogram === null ? [] : expandHistogram(histogram);
        expect(expanded).toHaveLength(all.length);
        expect(Math.max(...expanded)).toBeLessThanOrEqual(Math.max(...all));
        expect(Math.min(...expanded)).toBeGreaterThanOrEqual(Math.min(...all));
        const sum = (of: readonly number[]) => of.reduce((total, length) => total + length, 0);
        // No length is further from where it is put than a bin is wide.
        const width = Math.max(...(histogram?.bins ?? []).map(({ from, to }) => to - from));
        expect(Math.abs(sum(expanded) - sum(all))).toBeLessThanOrEqual(all.length * (width + 1));
      }),
    );
  });

  it('say in whose tokens they count', () => {
    const tokenizer = `sha256:${'b'.repeat(64)}`;
    expect(histogramOf([3, 4], 'measured', tokenizer)).toMatchObject({ of: 'sample', tokenizer });
  });
});
