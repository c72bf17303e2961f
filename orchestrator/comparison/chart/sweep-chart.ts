import type { Sweep, SweepPoint } from '../../plan/sweep.ts';
import { type ChartSpec, chartConfig } from './chart.ts';
import type { Palette } from './palette.ts';

const WIDTH = 720;

interface Row {
  readonly value: string | number;
  readonly truncated: number;
  readonly hours: number;
  readonly low: number;
  readonly high: number;
}

interface Mark {
  readonly value: string | number;
  readonly label: string;
}

/** Truncation above and device time below, over the same values: what a length saves from the cut, and what it takes. */
export function sweepChart(sweep: Sweep, palette: Palette): ChartSpec {
  const rows = sweep.points.map(rowOf);
  const marks = marksOf(sweep);
  const x = xOf(sweep.factor, rows);
  const [share, time] = [palette.series[0], palette.series[1]];
  const upper = panel(rows, marks, palette, {
    x: { ...x, axis: { ...x['axis'], labels: false, title: null } },
    y: {
      field: 'truncated',
      type: 'quantitative',
      title: 'Samples that are cut',
      axis: { format: '.0%', tickCount: 5 },
      scale: { domain: [0, Math.max(0.01, ...rows.map(({ truncated }) => truncated))], nice: true },
    },
    colour: share,
    band: false,
  });
  const lower = panel(rows, marks, palette, {
    x,
    y: {
      field: 'hours',
      type: 'quantitative',
      title: 'Device-hours, with the plan’s interval',
      axis: { tickCount: 5 },
      scale: { domain: [0, Math.max(...rows.map(({ high }) => high))], nice: true },
    },
    colour: time,
    band: true,
  });
  return {
    config: { ...chartConfig(palette), background: palette.surface },
    title: {
      text: `${sweep.recipe} on ${sweep.cluster}`,
      subtitle: `by ${sweep.factor}, planned before any run`,
      anchor: 'start',
      color: palette.ink,
      subtitleColor: palette.muted,
      offset: 18,
    },
    vconcat: [upper, lower],
    spacing: 44,
  };
}

interface Panel {
  readonly x: ChartSpec;
  readonly y: ChartSpec;
  readonly colour: string | undefined;
  readonly band: boolean;
}

function panel(
  rows: readonly Row[],
  marks: readonly Mark[],
  palette: Palette,
  { x, y, colour, band }: Panel,
): ChartSpec {
  const label = { align: 'left', baseline: 'top', dx: 5, dy: 2, fontSize: 11, color: palette.muted };
  return {
    width: WIDTH,
    height: 170,
    layer: [
      {
        data: { values: marks },
        mark: { type: 'rule', strokeDash: [4, 3], color: palette.muted },
        encoding: { x },
      },
      ...(band
        ? [
            {
              data: { values: rows },
              mark: { type: 'area', opacity: 0.18, color: colour },
              encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
            },
          ]
        : [
            {
              data: { values: marks },
              mark: { type: 'text', ...label },
              encoding: { x, y: { value: 0 }, text: { field: 'label' } },
            },
          ]),
      {
        data: { values: rows },
        mark: {
          type: 'line',
          strokeWidth: 2,
          color: colour,
          point: { filled: true, size: 60, color: colour },
        },
        encoding: { x, y },
      },
    ],
  };
}

function rowOf({ value, truncatedShare, gpuHours }: SweepPoint): Row {
  const { expected, low, high } = gpuHours;
  return { value: labelOf(value), truncated: truncatedShare, hours: expected, low, high };
}

const labelOf = (value: unknown): string | number => (typeof value === 'number' ? value : String(value));

function marksOf({ points, knee, whole }: Sweep): readonly Mark[] {
  const names = new Map<number, string[]>();
  for (const [index, name] of [
    [knee, 'knee'],
    [whole, 'nothing is cut'],
  ] as const)
    if (index !== null) names.set(index, [...(names.get(index) ?? []), name]);
  return [...names].map(([index, labels]) => ({
    value: labelOf(points[index]?.value),
    label: labels.join(', '),
  }));
}

/** Values that double stand apart evenly; what is no number stands in the order in which it was named. */
function xOf(title: string, rows: readonly Row[]): ChartSpec & { readonly axis: ChartSpec } {
  const values = rows.map(({ value }) => value);
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length || numbers.some((value) => value <= 0))
    return { field: 'value', type: 'ordinal', sort: values, title, axis: { labelAngle: 0 } };
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const isWide = high / low >= 8;
  return {
    field: 'value',
    type: 'quantitative',
    title: isWide ? `${title} (log scale)` : title,
    scale: isWide ? { type: 'log', base: 2, nice: false, domain: [low, high] } : { zero: false, nice: false },
    axis: { values: numbers, format: ',~r' },
  };
}
