import { textWidth } from './text-width.ts';

/** A command between backticks is one word: it is to be copied. */
const WORD = /\S*`[^`]*`\S*|\S+/g;

/** Words in lines of at most `width` columns; a word that is longer has a line of its own, whole. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.match(WORD) ?? []) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(last) + 1 + textWidth(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
