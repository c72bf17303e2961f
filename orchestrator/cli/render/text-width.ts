import { visibleText } from '../visible-text.ts';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** East Asian wide and full-width ranges, and emoji: two columns each on a terminal. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6])/u;

/** Text that stays on one line, as wide as it will be printed: control characters become spaces. */
export function oneLine(text: string): string {
  return visibleText(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '));
}

function columns(grapheme: string): number {
  return WIDE.test(grapheme) ? 2 : 1;
}

/** Columns that the text takes on a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += columns(segment);
  return width;
}

/** At most `width` columns; what is cut off is marked by an ellipsis. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width < 1) return '';
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    if (used + columns(segment) > width - 1) break;
    kept += segment;
    used += columns(segment);
  }
  return `${kept}…`;
}

export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}
