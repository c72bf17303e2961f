import { renderSvg } from '../../orchestrator/charts/render-svg.ts';
import type { ArmInput } from '../../orchestrator/comparison/arm-input.ts';
import { PAGE } from '../../orchestrator/comparison/chart/palette.ts';
import { reportCharts } from '../../orchestrator/comparison/chart/report-charts.ts';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import { htmlReport } from '../../orchestrator/comparison/html-report.ts';

/** The report as a command would write it. */
export async function drawReport(inputs: readonly ArmInput[], name: string): Promise<string> {
  const comparison = compareArms(inputs);
  const charts = await Promise.all(
    reportCharts(comparison, PAGE).map(async (chart) => ({ ...chart, svg: await renderSvg(chart.spec) })),
  );
  return htmlReport({ comparison, name, date: '2026-03-01 12:00 UTC', charts });
}
