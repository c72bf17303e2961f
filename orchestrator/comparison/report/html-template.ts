/** Markup that is safe to place in a page. Only {@link html} and {@link trusted} make it. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | null | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function markupOf(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return part.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(markupOf).join('');
}

/**
 * Every interpolated value is escaped, in text and in quoted attributes alike, unless it is markup already.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return {
    markup: strings.reduce((markup, text, index) => markup + markupOf(parts[index - 1] ?? null) + text),
  };
}

/** For markup of our own making that no value of a recipe or run has passed through unescaped. */
export function trusted(markup: string): Html {
  return { markup };
}

/**
 * Figures as they are set in print: a minus sign instead of a hyphen, and no line break inside an interval.
 */
export function typeset(text: string): string {
  return text
    .replace(/(?<=^|[\s[(])-(?=\d)/g, '−')
    .replace(/[+−]?[\d.]+ \[[^\]]*\]/g, (interval) => interval.replaceAll(' ', '\u00a0'));
}
