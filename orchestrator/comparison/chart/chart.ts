import type { Palette } from './palette.ts';

/** A Vega-Lite specification as plain data. */
export type ChartSpec = Readonly<Record<string, unknown>>;

export const CHART_NAMES = [
  'accuracy',
  'adherence',
  'flips',
  'methods',
  'parallel',
  'loss',
  'phases',
] as const;
export type ChartName = (typeof CHART_NAMES)[number];

export interface Chart {
  readonly id: ChartName;
  readonly title: string;
  readonly caption: string;
  /** What the chart shows, in words, for those who cannot see it. */
  readonly alternative: string;
  readonly spec: ChartSpec;
}

/** Marker and dash of each arm besides its colour; Vega's names. */
export const SHAPES: readonly string[] = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'cross',
  'triangle-down',
];
export const DASHES: readonly (readonly number[])[] = [
  [1, 0],
  [7, 4],
  [2, 3],
  [9, 3, 2, 3],
  [4, 2],
  [12, 4],
];

/** No `system-ui`: on Linux it may be a wide face that the chart's estimated text widths do not fit. */
export const FONT = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** The same look for every chart. */
export function chartConfig(palette: Palette): ChartSpec {
  return {
    background: null,
    font: FONT,
    padding: 6,
    view: { stroke: null },
    axis: {
      labelColor: palette.muted,
      titleColor: palette.ink,
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: 'normal',
      titlePadding: 8,
      gridColor: palette.line,
      domainColor: palette.muted,
      tickColor: palette.muted,
    },
    axisY: {
      domain: false,
      ticks: false,
      titleAngle: 0,
      titleAlign: 'left',
      titleAnchor: 'end',
      titleX: -34,
      titleY: -14,
    },
    axisX: { grid: false },
    header: { labelColor: palette.ink, labelFontSize: 13, labelFontWeight: 'bold', title: null },
    legend: {
      orient: 'top',
      title: null,
      labelColor: palette.ink,
      labelFontSize: 13,
      labelLimit: 340,
      symbolSize: 90,
      symbolOpacity: 1,
      symbolStrokeWidth: 2,
      columnPadding: 20,
      padding: 0,
      offset: 32,
    },
  };
}

/** Scale of an arm's colour, marker or dash; the same arm looks the same in every chart. */
export function armScale(names: readonly string[], range: readonly unknown[]): ChartSpec {
  return { domain: names, range: names.map((_, index) => range[index % range.length]) };
}
