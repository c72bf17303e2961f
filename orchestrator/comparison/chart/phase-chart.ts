import { formatFigure, formatPercent } from '../../units/format.ts';
import type { Comparison } from '../comparison.ts';
import { heldMilliseconds, heldPhases, PHASES_AS_SHOWN } from '../held-time.ts';
import { type Chart, chartConfig } from './chart.ts';
import type { Palette } from './palette.ts';

/** Time that devices were held, by what they did. Null when none was held. */
export function phaseChart({ arms }: Comparison, palette: Palette): Chart | null {
  const longest = Math.max(...arms.map((arm) => heldMilliseconds(arm.gpuMilliseconds)));
  if (longest === 0) return null;
  const unit = unitFor(longest);
  const rows = arms.flatMap((arm) =>
    heldPhases(arm.gpuMilliseconds).map(([phase, milliseconds]) => ({
      arm: arm.name,
      phase,
      order: PHASES_AS_SHOWN.indexOf(phase),
      time: milliseconds / unit.milliseconds,
    })),
  );
  const used = PHASES_AS_SHOWN.filter((phase) => rows.some((row) => row.phase === phase));
  return {
    id: 'phases',
    title: 'Held time',
    caption: `${unit.name} each arm held, by what the devices did.`,
    alternative: `Device time by phase. ${arms
      .map((arm) => {
        const share = arm.goodput === null ? '' : `, ${formatPercent(arm.goodput, 0)} of it productive`;
        const held = heldMilliseconds(arm.gpuMilliseconds) / unit.milliseconds;
        return `${arm.name}: ${formatFigure(held)} ${unit.name.toLowerCase()}${share}`;
      })
      .join('; ')}.`,
    spec: {
      config: chartConfig(palette),
      width: 720,
      height: { step: 50 },
      data: { values: rows },
      mark: { type: 'bar', height: 30, stroke: palette.surface, strokeWidth: 1 },
      encoding: {
        y: {
          field: 'arm',
          type: 'nominal',
          sort: arms.map((arm) => arm.name),
          title: null,
          axis: { labelColor: palette.ink, labelFontSize: 13, labelPadding: 8 },
        },
        x: {
          field: 'time',
          type: 'quantitative',
          title: unit.name,
          stack: true,
          axis: { grid: true, tickCount: 8 },
        },
        color: {
          field: 'phase',
          type: 'nominal',
          scale: { domain: used, range: used.map((phase) => palette.phases[phase]) },
          legend: { columns: 4, labelFontSize: 12, offset: 12 },
        },
        order: { field: 'order', type: 'quantitative' },
      },
    },
  };
}

function unitFor(milliseconds: number): { readonly name: string; readonly milliseconds: number } {
  if (milliseconds >= 3_600_000) return { name: 'Device-hours', milliseconds: 3_600_000 };
  if (milliseconds >= 120_000) return { name: 'Device-minutes', milliseconds: 60_000 };
  return { name: 'Device-seconds', milliseconds: 1000 };
}
