import { join } from 'node:path';
import { renderSvg } from '../charts/render-svg.ts';
import { CHART_NAMES } from '../comparison/chart/chart.ts';
import { LIGHT, PAGE } from '../comparison/chart/palette.ts';
import { reportCharts, standaloneSpec } from '../comparison/chart/report-charts.ts';
import type { Comparison } from '../comparison/comparison.ts';
import { htmlReport } from '../comparison/html-report.ts';
import { OWNER } from '../contract/caller.ts';
import type { Answer } from '../contract/routes.ts';
import type { Workplace } from '../controller/workplace.ts';
import { writeText } from '../documents/write-text.ts';
import { StintError } from '../errors/stint-error.ts';
import { compareRuns } from '../operations/compare-runs.ts';
import { oneOf } from '../recipe/one-of.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { CliContext } from './context.ts';
import { comparisonText } from './render/comparison-text.ts';

/** Compares runs for a person, at the end of a launch: the table, the findings, and the path of the report. */
export async function compareAndReport(
  context: CliContext,
  workplace: Workplace,
  records: readonly RunRecord[],
): Promise<void> {
  const compared = await compareRuns({ workplace, caller: OWNER }, { runs: records.map(({ id }) => id) });
  const name = records[0]?.ablation?.id ?? records[0]?.id ?? 'comparison';
  await reportComparison(context, compared, name, workplace.now());
}

/** @param fileName - Of the report, without its ending. */
export async function reportComparison(
  { output, home }: Pick<CliContext, 'output' | 'home'>,
  compared: Answer<'compareRuns'>,
  fileName: string,
  now: number,
): Promise<void> {
  const { comparison } = compared;
  const file = join(home, 'reports', `${fileName}.html`);
  await writeHtml(file, compared, now);
  output.print(comparisonText(comparison, output.isTerminal ? { width: output.width } : {}));
  output.print('');
  for (const arm of comparison.arms)
    if (arm.checkpoint) output.print(`checkpoint of ${arm.name}: ${arm.checkpoint}`);
  output.print(`report: ${file}`);
}

export async function writeHtml(
  file: string,
  { name, comparison }: Answer<'compareRuns'>,
  now: number,
): Promise<void> {
  const charts = await Promise.all(
    reportCharts(comparison, PAGE).map(async (chart) => ({ ...chart, svg: await renderSvg(chart.spec) })),
  );
  await writeText(file, htmlReport({ comparison, name, date: isoDay(now), charts }));
}

/**
 * One chart alone: the one of that name, or else the main one.
 *
 * @throws StintError `wrong-option` of no chart's name, `nothing-to-draw` when the runs have nothing for it.
 */
export async function writeSvg(file: string, comparison: Comparison, chart?: string): Promise<void> {
  const named = chart === undefined ? undefined : oneOf('--chart', chart, CHART_NAMES);
  const charts = reportCharts(comparison, LIGHT);
  const drawn = charts.find(({ id }) => named === undefined || id === named);
  if (drawn === undefined) {
    const there = charts.map(({ id }) => id).join(', ');
    throw new StintError({
      code: 'nothing-to-draw',
      what:
        there === ''
          ? 'none of these runs has an evaluation or a training step yet, so there is no chart'
          : `these runs have nothing for the chart ${chart}`,
      todo: there === '' ? 'wait until one has, or leave --svg out' : `name one that there is: ${there}`,
    });
  }
  await writeText(file, await renderSvg(standaloneSpec(drawn, LIGHT)));
}

const isoDay = (milliseconds: number) =>
  `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
