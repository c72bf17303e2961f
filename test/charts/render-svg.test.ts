import { expect, test, vi } from 'vitest';
import { renderSvg } from '../../orchestrator/charts/render-svg.ts';
import { LIGHT, PAGE } from '../../orchestrator/comparison/chart/palette.ts';
import { reportCharts, standaloneSpec } from '../../orchestrator/comparison/chart/report-charts.ts';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import { armInput } from '../comparison/fixture.ts';

const comparison = compareArms([armInput('short'), armInput('long')]);

test('draws the main chart to the same bytes as ever', async () => {
  const [main] = reportCharts(comparison, LIGHT);
  if (main === undefined) throw new Error('no chart');
  const svg = await renderSvg(standaloneSpec(main, LIGHT));
  expect(await renderSvg(standaloneSpec(main, LIGHT))).toBe(svg);
  // One element a line, so that a change can be read.
  await expect(svg.replaceAll('><', '>\n<')).toMatchFileSnapshot('golden/accuracy.svg');
});

test('draws every chart for a page: in its colours, and without ids that could collide', async () => {
  const warn = vi.spyOn(console, 'warn');
  const charts = reportCharts(comparison, PAGE);
  expect(charts.map((chart) => chart.id)).toEqual(['accuracy', 'adherence', 'flips', 'loss', 'phases']);
  for (const chart of charts) {
    const svg = await renderSvg(chart.spec);
    expect(svg).toContain('var(--');
    expect(svg).not.toMatch(/#[0-9a-f]{6}|\sid="|url\(/);
    expect(svg).toContain('short');
  }
  expect(warn).not.toHaveBeenCalled();
});

test('an arm’s name is text in the chart, whatever it holds', async () => {
  const hostile = compareArms([
    armInput('short', { arm: '<script>&"' }),
    armInput('long', { arm: "datum['x'].y" }),
  ]);
  for (const chart of reportCharts(hostile, PAGE)) {
    const svg = await renderSvg(chart.spec);
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;script&gt;&amp;');
    expect(svg).toContain("datum['x'].y");
  }
});

test('draws nothing where there is nothing to draw', () => {
  const queued = armInput('long', {
    state: { kind: 'queued' },
    steps: [],
    gpuMilliseconds: {},
    uses: {},
    evaluation: null,
  });
  expect(reportCharts(compareArms([queued]), PAGE)).toEqual([]);
});
