import { formatInteger, formatPercent } from '../../units/format.ts';
import { armScale, type ChartSpec, SHAPES } from './chart.ts';
import type { Palette } from './palette.ts';
import { sideBySide } from './side-by-side.ts';
import { tokenDomain, tokenTicks } from './token-axis.ts';

/** An accuracy with its interval, over tokens. */
export interface TokenPoint {
  readonly series: string;
  readonly tokens: number;
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
  /** What it is, for those who cannot see it. */
  readonly words: string;
}

export interface TokenPanel {
  readonly title: string;
  readonly points: readonly TokenPoint[];
}

/** A series with its colour; a dashed one was not measured here. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly isDashed?: boolean;
}

/** Panels of accuracy over tokens side by side, in which a series looks the same. */
export function tokenPanels(
  panels: readonly TokenPanel[],
  series: readonly Series[],
  xTitle: string,
  palette: Palette,
): ChartSpec {
  const drawn = panels.map(({ title, points }) => ({ title, spec: panel(points, series, xTitle) }));
  return sideBySide(drawn, { alone: 240, beside: 240 }, palette);
}

function panel(points: readonly TokenPoint[], series: readonly Series[], xTitle: string): ChartSpec {
  const tokens = points.map((point) => point.tokens);
  const names = series.map(({ name }) => name);
  const of = (range: readonly unknown[]) => ({
    field: 'series',
    type: 'nominal',
    scale: armScale(names, range),
    legend: { columns: 3 },
  });
  const y = {
    field: 'accuracy',
    type: 'quantitative',
    title: 'Accuracy',
    scale: { domain: [0, 1] },
    axis: { format: '.0%', tickCount: 6 },
  };
  const lines = (isDashed: boolean) => ({
    transform: [{ filter: { field: 'isDashed', equal: isDashed } }],
    mark: { type: 'line', strokeWidth: 1.5, ...(isDashed && { strokeDash: [5, 4] }) },
    encoding: { y },
  });
  const dashed = new Set(series.filter((each) => each.isDashed).map(({ name }) => name));
  return {
    data: { values: points.map((point) => ({ ...point, isDashed: dashed.has(point.series) })) },
    encoding: {
      x: {
        field: 'tokens',
        type: 'quantitative',
        title: xTitle,
        scale: { type: 'log', base: 2, nice: false, domain: tokenDomain(tokens) },
        axis: { ...tokenTicks(tokens), format: ',~r' },
      },
      color: of(series.map(({ colour }) => colour)),
    },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 1.5, opacity: 0.45 },
        encoding: { y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      lines(false),
      ...(dashed.size > 0 ? [lines(true)] : []),
      {
        mark: { type: 'point', filled: true, size: 75, opacity: 1 },
        encoding: { y, shape: of(SHAPES) },
      },
    ],
  };
}

export const describePanel = ({ title, points }: TokenPanel): string =>
  `${title}: ${points
    .map(
      ({ words, accuracy, tokens }) =>
        `${words} ${formatPercent(accuracy, 0)} at ${formatInteger(tokens)} tokens`,
    )
    .join(', ')}`;
