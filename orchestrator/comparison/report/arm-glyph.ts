import { PAGE, seriesColour } from '../chart/palette.ts';
import { type Html, html } from './html-template.ts';

/** The charts' markers in the order of {@link SHAPES}, on a grid of 12 by 12. */
const PATHS: readonly string[] = [
  'M6 1.2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 1 0 0-9.6Z',
  'M1.6 1.6h8.8v8.8H1.6Z',
  'M6 1 11.2 10.4H.8Z',
  'M6 .4 10.6 6 6 11.6 1.4 6Z',
  'M4.2.8h3.6v3.4h3.4v3.6H7.8v3.4H4.2V7.8H.8V4.2h3.4Z',
  'M6 11 .8 1.6h10.4Z',
];

/** The arm's marker in the arm's colour, as the charts draw it. */
function armGlyph(index: number): Html {
  const path = PATHS[index % PATHS.length] ?? '';
  const colour = seriesColour(PAGE, index);
  return html`<svg class="glyph" viewBox="0 0 12 12" aria-hidden="true"><path d="${path}" fill="${colour}"/></svg>`;
}

export function armHeading(name: string, index: number): Html {
  return html`${armGlyph(index)}<span>${name}</span>`;
}
