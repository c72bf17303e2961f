import type { Comparison } from '../comparison.ts';
import { accuracyChart } from './accuracy-chart.ts';
import { adherenceChart } from './adherence-chart.ts';
import type { Chart, ChartSpec } from './chart.ts';
import { flipsChart } from './flips-chart.ts';
import { lossChart } from './loss-chart.ts';
import { methodsChart } from './methods-chart.ts';
import type { Palette } from './palette.ts';
import { parallelChart } from './parallel-chart.ts';
import { phaseChart } from './phase-chart.ts';

/** Every chart that the comparison has figures for, the main one first. */
export function reportCharts(comparison: Comparison, palette: Palette): readonly Chart[] {
  return [
    accuracyChart,
    adherenceChart,
    flipsChart,
    methodsChart,
    parallelChart,
    lossChart,
    phaseChart,
  ].flatMap((draw) => draw(comparison, palette) ?? []);
}

/** The chart as a file of its own: with its title, its caption and a background. */
export function standaloneSpec(chart: Chart, palette: Palette): ChartSpec {
  return {
    ...chart.spec,
    background: palette.surface,
    padding: 16,
    title: {
      text: chart.title,
      subtitle: wrap(chart.caption, 90),
      anchor: 'start',
      fontSize: 16,
      color: palette.ink,
      subtitleColor: palette.muted,
      subtitleFontSize: 12,
      subtitlePadding: 6,
      offset: 20,
    },
  };
}

/** Lines of at most `length` characters, broken between words. */
function wrap(text: string, length: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= length)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
