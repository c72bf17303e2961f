import type { Sweep, SweepPoint } from '../../plan/sweep.ts';
import { formatBytes, formatFigure, formatInteger, formatMoney, formatPercent } from '../../units/format.ts';
import { type Column, renderTable } from './table.ts';

interface Line {
  readonly point: SweepPoint;
  readonly marks: readonly string[];
}

/** The curve as a table, its marks, and what was taken for granted. */
export function sweepTable(sweep: Sweep, options: { readonly width?: number }): string {
  const { points, factor, whole, knee, longestSample, impossible, truncates } = sweep;
  const hasTraces = points.some(({ truncatedTraceShare }) => truncatedTraceShare !== null);
  const lines = points.map(
    (point, index): Line => ({
      point,
      marks: [
        ...(index === knee ? ['knee'] : []),
        ...(index === whole ? ['truncates nothing'] : []),
        ...(point.refused.length > 0 ? ['refused'] : []),
      ],
    }),
  );
  const columns: Column<Line>[] = [
    {
      header: factor.split('.').at(-1) ?? factor,
      cell: ({ point }) => valueText(point.value),
      align: 'right',
    },
    { header: 'TRUNCATED', cell: ({ point }) => formatPercent(point.truncatedShare), align: 'right' },
    ...(hasTraces ? [tracesColumn] : []),
    { header: 'DEVICE-HOURS', cell: ({ point }) => intervalText(point.gpuHours), align: 'right' },
    {
      header: 'COST',
      cell: ({ point }) => formatMoney(point.cost.expected, point.cost.currency),
      align: 'right',
    },
    { header: 'MEMORY', cell: ({ point }) => memoryText(point), align: 'right' },
    { header: 'A STEP', cell: ({ point }) => `${formatFigure(point.stepSeconds)} s`, align: 'right' },
    { header: '', cell: ({ marks }) => marks.join(', '), align: 'left' },
  ];
  return [
    `${sweep.recipe} on ${sweep.cluster}, by ${factor}; nothing is started`,
    '',
    ...(points.length > 0 ? [renderTable(lines, columns, options)] : []),
    '',
    ...(longestSample === null
      ? []
      : [
          `The longest sample has ${formatInteger(longestSample)} tokens: a sequence of that many truncates nothing.`,
        ]),
    ...(knee === null
      ? []
      : [
          `Knee at ${valueText(points[knee]?.value)}: beyond it few more samples are saved from being cut (${formatPercent(points[knee]?.truncatedShare ?? 0)} are left).`,
        ]),
    ...(truncates
      ? ['The recipe refuses samples that are too long; here their ends are taken for cut.']
      : []),
    ...new Set(
      points.flatMap(({ value, refused }) => refused.map((why) => `${valueText(value)} is refused: ${why}`)),
    ),
    ...sweep.refused.map((why) => `A launch with any of them is refused: ${why}`),
    ...impossible.map(({ value, why }) => `${valueText(value)} cannot be planned: ${why}`),
  ].join('\n');
}

const tracesColumn: Column<Line> = {
  header: 'TRACES CUT',
  cell: ({ point: { truncatedTraceShare: share } }) => (share === null ? null : formatPercent(share)),
  align: 'right',
};

const valueText = (value: unknown): string =>
  typeof value === 'number' && Number.isInteger(value) ? formatInteger(value) : String(value);

const intervalText = ({ expected, low, high }: SweepPoint['gpuHours']): string =>
  `${formatFigure(expected)} (${formatFigure(low)} to ${formatFigure(high)})`;

const memoryText = ({ memory }: SweepPoint): string =>
  `${formatBytes(memory.perGpuBytes)} of ${formatBytes(memory.capacityBytes)}`;
