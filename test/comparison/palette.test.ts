import { expect, test } from 'vitest';
import {
  customProperties,
  DARK,
  LIGHT,
  PAGE,
  type Palette,
} from '../../orchestrator/comparison/chart/palette.ts';

/** Relative luminance and contrast of WCAG 2.2, 1.4.3. */
function luminance(colour: string): number {
  const channel = (from: number) => {
    const value = Number.parseInt(colour.slice(from, from + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const palettes: readonly (readonly [string, Palette])[] = [
  ['light', LIGHT],
  ['dark', DARK],
];

test.each(palettes)('text is legible on every background: %s', (_, palette) => {
  for (const background of [palette.surface, palette.raised]) {
    expect(contrast(palette.ink, background)).toBeGreaterThan(7);
    expect(contrast(palette.muted, background)).toBeGreaterThan(4.5);
  }
});

test.each(palettes)('every arm and every lost phase stands out: %s', (_, palette) => {
  const { recomputing, hung, training } = palette.phases;
  const faint = [...palette.series, recomputing, hung, training].filter(
    (colour) => contrast(colour, palette.surface) < 3,
  );
  expect(faint).toEqual([]);
});

test('every property that a page’s charts refer to is declared', () => {
  const declared = new Set([...customProperties(LIGHT).matchAll(/(--[\w-]+):/g)].map((match) => match[1]));
  const used = [...JSON.stringify(PAGE).matchAll(/var\((--[\w-]+)\)/g)].map((match) => match[1]);
  expect(used.length).toBeGreaterThan(15);
  expect(used.filter((property) => !declared.has(property))).toEqual([]);
});
