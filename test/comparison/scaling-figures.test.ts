import { expect, test } from 'vitest';
import { LIGHT } from '../../orchestrator/comparison/chart/palette.ts';
import { reportCharts } from '../../orchestrator/comparison/chart/report-charts.ts';
import { compareRuns } from '../../orchestrator/comparison/compare-runs.ts';
import { armInput } from './fixture.ts';
import { scalingArm } from './scaling-fixture.ts';

const BENCHMARKS = { aime24: 30, math500: 500, 'GPQA-Diamond': 198 };
const both = (benchmarks: Readonly<Record<string, number>>) =>
  compareRuns([scalingArm('short', benchmarks), scalingArm('long', benchmarks)]);

test('stands the paper’s points beside a benchmark of its name and size, with intervals, and beside no other', () => {
  const { published } = both({ ...BENCHMARKS, 'running-digit': 30 });
  expect(published.map(({ benchmark, points }) => [benchmark, points.length])).toEqual([
    ['aime24', 7],
    ['math500', 5],
    ['GPQA-Diamond', 5],
  ]);
  const last = published[0]?.points.at(-1);
  // 17 of 30 by Clopper and Pearson.
  expect([last?.accuracy, last?.low, last?.high].map((share) => share?.toFixed(4))).toEqual([
    '0.5667',
    '0.3743',
    '0.7454',
  ]);
  expect(both({ aime24: 15 }).published).toEqual([]);
});

test('counts which questions each Wait gained and lost, from one number of them to the next', () => {
  const { waitFlips, arms, gains } = both({ aime24: 30 });
  expect(waitFlips.map(({ arm, from, to }) => [arm, from, to])).toEqual(
    ['short', 'long'].flatMap((arm) =>
      [
        [0, 1],
        [1, 2],
        [2, 4],
        [4, 6],
      ].map((step) => [arm, ...step]),
    ),
  );
  for (const arm of arms) {
    const accuracy = (times: number) =>
      arm.evaluations.find((one) => one.budget === 16_000 && one.times === times)?.accuracy ?? Number.NaN;
    for (const flips of waitFlips.filter(({ arm: name }) => name === arm.name))
      expect((flips.gained - flips.lost) / flips.n).toBeCloseTo(
        accuracy(flips.to) - accuracy(flips.from),
        12,
      );
  }
  expect(gains.some(({ to }) => to.times === 6)).toBe(true);
});

test('draws flips and adherence where there is something to draw, and says in words what they show', () => {
  const charts = new Map(reportCharts(both(BENCHMARKS), LIGHT).map((chart) => [chart.id, chart]));
  expect([...charts.keys()]).toEqual(['accuracy', 'adherence', 'flips', 'loss', 'phases']);
  expect(charts.get('adherence')?.alternative).toMatch(
    /short: 5\d\d of 500, at most 500|500 of 500, at most 500/,
  );
  expect(charts.get('flips')?.alternative).toMatch(
    /short on math500 at budget 16000, from 0 to 1: \d+ gained, \d+ lost of 500/,
  );
  const evaluation = armInput('short').evaluation;
  const plain = evaluation?.benchmarks.map((one) => ({
    ...one,
    results: one.results.filter(({ control }) => control === 'budget'),
  }));
  const without = compareRuns([
    armInput('short', evaluation === null ? {} : { evaluation: { ...evaluation, benchmarks: plain ?? [] } }),
  ]);
  expect(reportCharts(without, LIGHT).map(({ id }) => id)).not.toContain('flips');
});

test('prices an answer by the time of evaluating alone, and a point by all that was held', () => {
  const input = armInput('short');
  const [arm] = compareRuns([input]).arms;
  const answers = 240 * 7;
  expect(arm?.gpuSecondsPerAnswer).toBeCloseTo(21.76 / answers, 12);
  const held = Object.values(input.gpuMilliseconds).reduce((total, each) => total + each, 0);
  expect(arm?.costPerAnswer).toBeCloseTo((0.0047 * 21_760) / held / answers, 15);
  const best = Math.max(...(arm?.evaluations ?? []).map(({ accuracy }) => accuracy));
  expect(arm?.gpuHoursPerPoint).toBeCloseTo(held / 3_600_000 / (100 * best), 12);
  const [queued] = compareRuns([armInput('long', { evaluation: null })]).arms;
  expect([queued?.gpuSecondsPerAnswer, queued?.costPerAnswer, queued?.gpuHoursPerPoint]).toEqual([
    null,
    null,
    null,
  ]);
});
