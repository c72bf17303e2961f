import { type ChartSpec, chartConfig } from './chart.ts';
import type { Palette } from './palette.ts';

export interface Panel {
  /** Null: it stands alone and needs none. */
  readonly title: string | null;
  readonly spec: ChartSpec;
}

/** One panel in the width of a report, or several two by two. */
export function sideBySide(
  panels: readonly Panel[],
  heightOf: { readonly alone: number; readonly beside: number },
  palette: Palette,
): ChartSpec {
  const isAlone = panels.length === 1;
  const drawn = panels.map(({ title, spec }) => ({
    ...(title !== null && { title: { text: title, color: palette.ink, anchor: 'start' } }),
    width: isAlone ? 760 : 330,
    height: isAlone ? heightOf.alone : heightOf.beside,
    ...spec,
  }));
  return {
    config: chartConfig(palette),
    ...(isAlone ? drawn[0] : { concat: drawn, columns: 2, spacing: 40 }),
  };
}
