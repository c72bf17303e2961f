import { type ChartSpec, chartConfig } from './chart.ts';
import type { Palette } from './palette.ts';
import type { PanelSize } from './place-badges.ts';

export interface Panel {
  /** Null: it stands alone and needs none. */
  readonly title: string | null;
  readonly spec: ChartSpec;
}

export interface Heights {
  readonly alone: number;
  readonly beside: number;
}

/** Of what each of so many panels draws, in pixels. */
export const panelSize = (panels: number, { alone, beside }: Heights): PanelSize =>
  panels === 1 ? { width: 760, height: alone } : { width: 330, height: beside };

/** One panel in the width of a report, or several two by two. */
export function sideBySide(panels: readonly Panel[], heights: Heights, palette: Palette): ChartSpec {
  const isAlone = panels.length === 1;
  const drawn = panels.map(({ title, spec }) => ({
    ...(title !== null && { title: { text: title, color: palette.ink, anchor: 'start' } }),
    ...panelSize(panels.length, heights),
    ...spec,
  }));
  return {
    config: chartConfig(palette),
    ...(isAlone ? drawn[0] : { concat: drawn, columns: 2, spacing: 40 }),
  };
}
