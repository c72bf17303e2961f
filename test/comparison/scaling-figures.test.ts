import { expect, test } from 'vitest';
import { LIGHT } from '../../orchestrator/comparison/chart/palette.ts';
import { reportCharts } from '../../orchestrator/comparison/chart/report-charts.ts';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import { armsTable } from '../../orchestrator/comparison/report/arms-table.ts';
import { armInput } from './fixture.ts';
import { scalingArm, steeredArm } from './scaling-fixture.ts';

const BENCHMARKS = { aime24: 30, math500: 500, 'GPQA-Diamond': 198 };
const both = (benchmarks: Readonly<Record<string, number>>) =>
  compareArms([scalingArm('short', benchmarks), scalingArm('long', benchmarks)]);

test('stands the paper’s points beside a benchmark of its name and size, with intervals, and beside no other', () => {
  const { published } = both({ ...BENCHMARKS, 'running-digit': 30 });
  expect(published.map(({ benchmark, method, points }) => [benchmark, method, points.length])).toEqual([
    ['aime24', 'budget forcing', 7],
    ['aime24', 'rejection sampling', 6],
    ['math500', 'budget forcing', 5],
    ['GPQA-Diamond', 'budget forcing', 5],
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
  const without = compareArms([
    armInput('short', evaluation === null ? {} : { evaluation: { ...evaluation, benchmarks: plain ?? [] } }),
  ]);
  expect(reportCharts(without, LIGHT).map(({ id }) => id)).not.toContain('flips');
});

test('prices an answer by the time of evaluating alone, and a point by all that was held', () => {
  const input = armInput('short');
  const [arm] = compareArms([input]).arms;
  const answers = 240 * 7;
  expect(arm?.gpuSecondsPerAnswer).toBeCloseTo(21.76 / answers, 12);
  const held = Object.values(input.gpuMilliseconds).reduce((total, each) => total + each, 0);
  expect(arm?.costPerAnswer).toBeCloseTo((0.0047 * 21_760) / held / answers, 15);
  const best = Math.max(...(arm?.evaluations ?? []).map(({ accuracy }) => accuracy));
  expect(arm?.gpuHoursPerPoint).toBeCloseTo(held / 3_600_000 / (100 * best), 12);
  const [queued] = compareArms([armInput('long', { evaluation: null })]).arms;
  expect([queued?.gpuSecondsPerAnswer, queued?.costPerAnswer, queued?.gpuHoursPerPoint]).toEqual([
    null,
    null,
    null,
  ]);
});

test('prices a point on each benchmark by itself: the best of an easy one says nothing of a hard one', () => {
  const comparison = both({ aime24: 30, math500: 500 });
  for (const { cost, gpuHours, evaluations, ...arm } of comparison.arms) {
    expect([arm.costPerPoint, arm.gpuHoursPerPoint]).toEqual([null, null]);
    expect(arm.perPoint.map(({ benchmark }) => benchmark)).toEqual(['aime24', 'math500']);
    for (const price of arm.perPoint) {
      const own = evaluations.filter(({ benchmark }) => benchmark === price.benchmark);
      const points = 100 * Math.max(...own.map(({ accuracy }) => accuracy));
      expect(price.cost).toBeCloseTo(cost / points, 12);
      expect(price.gpuHours).toBeCloseTo(gpuHours / points, 12);
    }
  }
  const rows = armsTable(comparison).markup;
  expect(rows).toContain('Cost per point of accuracy on aime24');
  expect(rows).toContain('Device-hours per point of accuracy on math500');
  const [alone] = both({ aime24: 30 }).arms;
  expect(alone?.costPerPoint).toBe(alone?.perPoint[0]?.cost);
  expect(armsTable(both({ aime24: 30 })).markup).not.toContain('accuracy on');
});

test('draws every method by itself, with the paper’s rejection sampling beside ours', () => {
  const comparison = compareArms([steeredArm('short', 'aime24', 30)]);
  const chart = reportCharts(comparison, LIGHT).find(({ id }) => id === 'methods');
  expect(chart?.alternative).toMatch(/told up to 1024 tokens \d+% at [\d,]+ tokens/);
  expect(chart?.alternative).toMatch(/up to 64 tries within 3500 \d+% at/);
  expect(chart?.alternative).toContain('rejection as published 40% at 2,974 tokens');
  expect(comparison.arms[0]?.metrics.map(({ method }) => method)).toEqual([
    'budget forcing',
    'token-conditional',
    'step-conditional',
    'class-conditional',
    'rejection sampling',
  ]);
});

test('holds a vote against one longer thought that takes no fewer tokens', () => {
  const { parallel, findings, arms } = compareArms([steeredArm('short', 'aime24', 30)]);
  expect(
    parallel.map(({ sequential, parallel: under, answers }) => [sequential.budget, under.budget, answers]),
  ).toEqual([
    [4_000, 1_000, 2],
    [16_000, 1_000, 2],
  ]);
  for (const gain of parallel) {
    expect(gain.parallelTokens).toBeLessThanOrEqual(gain.sequentialTokens);
    const of = (budget: number) =>
      arms[0]?.evaluations.find((each) => each.control === 'budget' && each.budget === budget);
    const vote = of(1_000)?.votes.find(({ answers }) => answers === 2)?.majority.share ?? Number.NaN;
    expect(gain.accuracy.difference).toBeCloseTo(vote - (of(gain.sequential.budget)?.accuracy ?? 0), 12);
  }
  expect(findings.map(({ text }) => text).join('\n')).toMatch(
    /a vote of 2 answers of short under budget 1000 .*for [\d,]+ tokens of thinking against [\d,]+: [+-]/,
  );
  expect(compareArms([armInput('short')]).parallel).toEqual([]);
});
