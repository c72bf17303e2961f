import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatedLengths, normalQuantile } from '../../orchestrator/plan/generated-lengths.ts';
import { expandHistogram, shareOfTracesOver } from '../../orchestrator/plan/histogram.ts';
import { dataLengths } from '../../orchestrator/plan/lengths.ts';
import { recipe, withTraining } from './fixtures.ts';

const bins = fc.array(
  fc
    .record({
      from: fc.nat(9000),
      width: fc.integer({ min: 1, max: 900 }),
      count: fc.integer({ min: 1, max: 30 }),
    })
    .map(({ from, width, count }) => ({ from, to: from + width, count })),
  { minLength: 1, maxLength: 8 },
);

describe('lengths from a histogram', () => {
  it('keep each bin’s count, bounds and mean', () => {
    fc.assert(
      fc.property(bins, (all) => {
        for (const bin of all) {
          const lengths = expandHistogram({ of: 'sample', otherTokens: 0, source: 'x', bins: [bin] });
          expect(lengths).toHaveLength(bin.count);
          expect(lengths.every((length) => length >= Math.max(1, bin.from) && length <= bin.to)).toBe(true);
          const mean = lengths.reduce((sum, length) => sum + length, 0) / bin.count;
          expect(Math.abs(mean - (bin.from + bin.to) / 2)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('add the other tokens to traces only, and know the share of long traces only then', () => {
    const histogram = { otherTokens: 100, source: 'x', bins: [{ from: 50, to: 51, count: 2 }] };
    expect(expandHistogram({ ...histogram, of: 'trace' })).toEqual([150, 151]);
    expect(expandHistogram({ ...histogram, of: 'sample' })).toEqual([50, 51]);
    expect(shareOfTracesOver({ ...histogram, of: 'trace' }, 50.5)).toBe(0.5);
    expect(shareOfTracesOver({ ...histogram, of: 'sample' }, 50.5)).toBeNull();
  });
});

function over(overLength: 'refuse' | 'drop' | 'truncate') {
  const base = withTraining(recipe('s1-32b'), { sequenceLength: 4096 });
  return dataLengths({ ...base, dataset: { ...base.dataset, overLength } });
}

describe('what becomes of samples that are too long', () => {
  it('truncation keeps every sample at no more than the limit, dropping leaves the long ones out', () => {
    const [cut, dropped] = [over('truncate'), over('drop')];
    expect(cut.kept).toHaveLength(1000);
    expect(Math.max(...cut.kept)).toBe(4096);
    expect(cut.overLength).toBe(dropped.overLength);
    expect(dropped.kept).toHaveLength(1000 - dropped.overLength);
    expect(dropped.total).toBe(1000);
  });

  it('the longest is told as it was before anything was cut', () => {
    expect(over('truncate').longest).toBeGreaterThan(9000);
  });
});

describe('lengths from a generator’s distribution', () => {
  it('have the quantiles of the standard normal', () => {
    for (const [p, z] of [
      [0.5, 0],
      [0.8413447, 1],
      [0.0227501, -2],
      [0.9986501, 3],
    ] as const)
      expect(Math.abs(normalQuantile(p) - z)).toBeLessThan(5e-4);
  });

  it('grow with the number of additions and stay between its bounds', () => {
    const source = {
      kind: 'generated',
      generator: 'running-digit',
      samples: 500,
      seed: 1,
      slipShare: 0,
    } as const;
    const few = { median: 10, sigma: 0.6, min: 2, max: 40 };
    const lengths = generatedLengths({ ...source, additions: few }, null);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
    expect((lengths.at(-1) ?? 0) - (lengths[0] ?? 0)).toBe(2 * (40 - 2) + (40 - 20));
    const first = (
      ...more: Parameters<typeof generatedLengths> extends [infer _, ...infer Rest] ? Rest : never
    ) => generatedLengths({ ...source, additions: few }, ...more)[0] ?? 0;
    expect(first('Be brief.'.repeat(20))).toBeGreaterThan(first('Be brief.'));
    expect(first('Be brief.')).toBeGreaterThan(first(null));
    // A line break at a delimiter's end stands there anyway.
    const tags = { start: '<a>', end: '</a>', finalAnswer: 'Final Answer:' };
    const broken = { ...tags, start: '<a>\n', answerStart: '</a>\n\n' };
    expect(first(null, broken)).toBe(first(null, tags));
    expect(first(null, { ...tags, start: '<ab>' })).toBe(first(null, tags) + 1);
  });
});
