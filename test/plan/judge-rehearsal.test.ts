import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepShape } from '../../orchestrator/plan/device-memory.ts';
import { fillerLengths } from '../../orchestrator/plan/filler.ts';
import { loadOf } from '../../orchestrator/plan/flops.ts';
import { judgeRehearsal } from '../../orchestrator/plan/judge-rehearsal.ts';
import { rankFlops } from '../../orchestrator/plan/rank-work.ts';
import { type PlannedRow, plannedRows } from '../../orchestrator/plan/rehearsal.ts';
import { sizeUp } from '../../orchestrator/plan/sizing.ts';
import type { RehearsedRow } from '../../orchestrator/wire/rehearsal.ts';
import { profile, recipe, TINY, withTraining } from './fixtures.ts';

const CAPACITY = 81_559 * 2 ** 20;
const WAIT = { where: 'trainer/sft/step.py:103 _exchange', phase: 'update', numbers: 96 };

const rowsOf = (name: string, on: string) =>
  plannedRows(recipe(name), profile(on), sizeUp(recipe(name), profile(on)));

/** A rehearsal that finds just what is planned. */
const asPlanned = ({ tokensPerRank, mode, peakBytes, flops, collectives }: PlannedRow): RehearsedRow => ({
  tokensPerRank,
  mode,
  labels: tokensPerRank,
  peakBytes: Math.round(peakBytes),
  phase: 'backward',
  kinds: {},
  phases: {},
  flops,
  collectives: Object.fromEntries(
    [
      ['all-gather', collectives.allGather],
      ['reduce-scatter', collectives.reduceScatter],
      ['all-reduce', collectives.allReduce],
      ['all-to-all', collectives.allToAll],
    ].filter(([, bytes]) => bytes !== 0),
  ),
  waits: [WAIT],
});

const judged = (
  planned: readonly PlannedRow[],
  change: (row: RehearsedRow) => RehearsedRow,
  capacity = CAPACITY,
) =>
  judgeRehearsal(
    planned,
    { rows: planned.map((row) => change(asPlanned(row))), seconds: 1, code: 'sha256:c' },
    capacity,
  );

describe('the steps that are rehearsed', () => {
  it('are the longest and the mean one, and the one with the most memory where that recomputes less', () => {
    expect(rowsOf('s1-32b', 'h100-16').map(({ name, mode }) => [name, mode])).toEqual([
      ['most memory', 'gate'],
      ['longest', 'selective'],
      ['mean', 'gate'],
    ]);
    const rows = rowsOf('s1.1-32b', 'h100-16');
    expect(rows.map(({ name, mode }) => [name, mode])).toEqual([
      ['most memory', 'selective'],
      ['longest', 'full'],
      ['mean', 'selective'],
    ]);
    const [most, ...others] = rows.map(({ runPeakBytes }) => runPeakBytes);
    for (const other of others) expect(other).toBeLessThanOrEqual(most ?? 0);
  });

  it('are two where the longest takes the most memory, and count the tokens that have a next one', () => {
    const s1 = withTraining(recipe('s1-32b'), { recompute: 'full', sequenceParallel: 1, globalBatch: 16 });
    const [on, few] = [profile('h100-16'), { ...s1, model: { ...s1.model, architecture: TINY } }];
    const sizing = sizeUp(few, on);
    const rows = plannedRows(few, on, sizing);
    expect(rows.map(({ name }) => name)).toEqual(['longest', 'mean']);
    const [longest] = rows;
    if (longest === undefined) throw new Error('there is a longest step');
    const { lengths, tokensPerRank, flops } = longest;
    const labels = lengths.reduce((sum, length) => sum + length - 1, 0);
    const documents = [...lengths, ...fillerLengths(loadOf(lengths), sizing.layout)];
    const shape = stepShape(few, sizing.size, sizing.layout, { tokens: tokensPerRank, recompute: 'full' });
    expect(flops).toBe(rankFlops(TINY, sizing.size, { ...shape, compile: false, documents, labels }));
  });

  it('take of a device what the plan says its largest step takes', () => {
    for (const name of ['s1-32b', 's1.1-32b', 's1-59k']) {
      const largest = Math.max(...rowsOf(name, 'h100-16').map(({ runPeakBytes }) => runPeakBytes));
      const { deviceBytes } = sizeUp(recipe(name), profile('h100-16'));
      expect(largest / deviceBytes).toBeCloseTo(1, 3);
    }
  });
});

describe('a rehearsal', () => {
  const planned = rowsOf('s1-32b', 'h100-16');

  it('is as planned where every figure is', () => {
    expect(judged(planned, (row) => row)).toMatchObject({ fits: true, asPlanned: true });
  });

  it('is not where any figure is off by more than its bound, to either side, and says which', () => {
    const figures: readonly [string, number, (row: RehearsedRow, factor: number) => RehearsedRow][] = [
      ['peak memory', 0.03, (row, factor) => ({ ...row, peakBytes: row.peakBytes * factor })],
      ['FLOPs', 1e-6, (row, factor) => ({ ...row, flops: row.flops * factor })],
      ...['all-gather', 'reduce-scatter', 'all-to-all'].map(
        (name) =>
          [
            `bytes of ${name}`,
            0.005,
            (row: RehearsedRow, factor: number) => ({
              ...row,
              collectives: { ...row.collectives, [name]: (row.collectives[name] ?? 0) * factor },
            }),
          ] as [string, number, (row: RehearsedRow, factor: number) => RehearsedRow],
      ),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...figures),
        fc.constantFrom(-1, 1),
        fc.double({ min: 0.1, max: 8, noNaN: true }),
        ([name, bound, change], sign, times) => {
          fc.pre(Math.abs(times - 1) > 0.05);
          const found = judged(planned, (row) => change(row, 1 + sign * times * bound));
          expect(found.asPlanned).toBe(times <= 1);
          for (const { findings } of found.rows)
            expect(findings.map((finding) => finding.split(':')[0])).toEqual(times <= 1 ? [] : [name]);
        },
      ),
    );
  });

  it('lets a model of a few megabytes be off by one of them', () => {
    const small = planned.map((row) => ({ ...row, peakBytes: 10e6 }));
    const off = (bytes: number) => judged(small, (row) => ({ ...row, peakBytes: 10e6 + bytes })).asPlanned;
    expect([off(0.99e6), off(-0.99e6), off(1.01e6), off(-1.01e6)]).toEqual([true, true, false, false]);
  });

  it('finds a collective that the plan has not, and one that did not come', () => {
    const more = judged(planned, (row) => ({
      ...row,
      collectives: { ...row.collectives, 'all-reduce': 8 },
    }));
    expect(more.rows[0]?.findings).toEqual([
      expect.stringContaining('bytes of all-reduce: 8 rehearsed, 0 planned'),
    ]);
    const less = judged(planned, ({ collectives, ...row }) => ({
      ...row,
      collectives: Object.fromEntries(Object.entries(collectives).filter(([name]) => name !== 'all-to-all')),
    }));
    expect(less.rows[0]?.findings).toEqual([expect.stringContaining('bytes of all-to-all: 0 rehearsed')]);
  });

  it('says nothing of steps that nobody planned', () => {
    const rehearsed = { rows: planned.map(asPlanned), seconds: 1, code: 'sha256:c' };
    expect(judgeRehearsal(planned.slice(0, 1), rehearsed, CAPACITY).rows).toHaveLength(1);
  });

  it('finds a wait that is not the exchange of figures', () => {
    const wait = { where: 'trainer/sft/loss.py:38 forward', phase: 'loss', numbers: 1 };
    const found = judged(planned, (row) => ({ ...row, waits: [...row.waits, wait] }));
    expect(found.asPlanned).toBe(false);
    expect(found.rows[0]?.findings).toEqual([
      'trainer/sft/loss.py:38 forward waits for the device in the loss',
    ]);
  });

  it('does not fit where what was found, with the runtime, is more than may be planned of a device', () => {
    const [largest] = planned;
    const least = (largest?.runPeakBytes ?? 0) / 0.97;
    expect(judged(planned, (row) => row, least * 1.0001).fits).toBe(true);
    expect(judged(planned, (row) => row, least * 0.9999).fits).toBe(false);
    const grown = judged(planned, (row) => ({ ...row, peakBytes: row.peakBytes + 20e9 }));
    expect(grown).toMatchObject({ fits: false, asPlanned: false });
  });
});
