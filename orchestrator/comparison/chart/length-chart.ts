import type { LengthSummary } from '../../plan/length-summary.ts';
import { formatInteger } from '../../units/format.ts';
import { type ChartSpec, chartConfig } from './chart.ts';
import type { Palette } from './palette.ts';

const WIDTH = 720;
const HEIGHT = 220;

export interface LengthChartFacts {
  readonly title: string;
  /** Samples longer than it are drawn apart; null where none is given. */
  readonly sequenceLength: number | null;
}

/** How many samples have how many tokens; a rule stands where the sequence length cuts. */
export function lengthChart(summary: LengthSummary, facts: LengthChartFacts, palette: Palette): ChartSpec {
  const { bins, min, median, p95, max } = summary;
  const { sequenceLength } = facts;
  const domain = [bins[0]?.from ?? 0, Math.max(bins.at(-1)?.to ?? 1, sequenceLength ?? 0)] as const;
  const x = {
    field: 'from',
    type: 'quantitative',
    title: 'Tokens of a sample',
    axis: { format: ',~r', tickCount: 8 },
    scale: {
      zero: false,
      nice: false,
      domain,
    },
  };
  // Away from the nearer edge, so that it does not lie over the axis.
  const isInLeftHalf = sequenceLength !== null && sequenceLength < (domain[0] + domain[1]) / 2;
  const marks = sequenceLength === null ? [] : [{ at: sequenceLength }];
  return {
    config: { ...chartConfig(palette), background: palette.surface },
    title: {
      text: facts.title,
      subtitle: `${formatInteger(min)} to ${formatInteger(max)} tokens, ${formatInteger(median)} at the median, ${formatInteger(p95)} at the 95th per cent`,
      anchor: 'start',
      color: palette.ink,
      subtitleColor: palette.muted,
      offset: 24,
    },
    width: WIDTH,
    height: HEIGHT,
    layer: [
      {
        data: { values: bins },
        mark: { type: 'bar', color: palette.series[0], binSpacing: 1 },
        encoding: {
          x: { ...x, bin: 'binned' },
          x2: { field: 'to' },
          y: {
            field: 'count',
            type: 'quantitative',
            title: 'Samples',
            axis: { tickCount: 5, tickMinStep: 1, format: ',d' },
          },
        },
      },
      {
        data: { values: marks },
        mark: { type: 'rule', strokeDash: [4, 3], color: palette.muted },
        encoding: { x: { ...x, field: 'at' } },
      },
      {
        data: { values: marks.map(({ at }) => ({ at, label: `sequenceLength ${formatInteger(at)}` })) },
        mark: {
          type: 'text',
          align: isInLeftHalf ? 'left' : 'right',
          baseline: 'bottom',
          dy: -3,
          fontSize: 11,
          color: palette.muted,
        },
        encoding: { x: { ...x, field: 'at' }, y: { value: 0 }, text: { field: 'label' } },
      },
    ],
  };
}
