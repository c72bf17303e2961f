import type { Comparison } from '../comparison.ts';
import { thinCurve } from '../training-curve.ts';
import { armScale, type Chart, chartConfig, DASHES } from './chart.ts';
import type { Palette } from './palette.ts';

/** More points than this cannot be told apart at the chart's width. */
const POINTS = 150;

/** Training loss per optimizer step. Null before any arm's first step. */
export function lossChart({ arms }: Comparison, palette: Palette): Chart | null {
  const names = arms.map((arm) => arm.name);
  const rows = arms.flatMap((arm) =>
    thinCurve(arm.lossCurve, POINTS).map((point) => ({ ...point, arm: arm.name })),
  );
  if (rows.length === 0) return null;
  const ends = arms.flatMap((arm) =>
    arm.loss === null ? [] : [`${arm.name} ends at ${arm.loss.toFixed(3)}`],
  );
  const isThinned = arms.some((arm) => arm.lossCurve.length > POINTS);
  return {
    id: 'loss',
    title: 'Loss',
    caption: `Mean over samples of each sample’s token mean, per optimizer step${
      isThinned ? '; neighbouring steps are averaged' : ''
    }.`,
    alternative: `Training loss per step: ${ends.join(', ')}.`,
    spec: {
      config: chartConfig(palette),
      width: 760,
      height: 200,
      data: { values: rows },
      mark: { type: 'line', strokeWidth: 1.75 },
      encoding: {
        x: {
          field: 'step',
          type: 'quantitative',
          title: 'Optimizer step',
          axis: { tickCount: 8, labelOverlap: false },
        },
        y: { field: 'loss', type: 'quantitative', title: 'Loss', axis: { tickCount: 5 } },
        color: {
          field: 'arm',
          type: 'nominal',
          scale: armScale(names, palette.series),
          legend: { symbolSize: 600 },
        },
        strokeDash: { field: 'arm', type: 'nominal', scale: armScale(names, DASHES) },
      },
    },
  };
}
