/** What a name may have at most (recipe/name.ts). */
const LONGEST = 40;

/** A recipe's name from what it trains and on what: `qwen2.5-0.5b-my-traces`. */
export function recipeName(...parts: readonly string[]): string {
  const name = parts
    .map((part) =>
      part
        .toLowerCase()
        .replaceAll(/[^a-z0-9.]+/g, '-')
        // A dot stands between letters and digits, or not at all: `qwen2.5` is one word, `v2. final` are two.
        .replaceAll(/-*\.[-.]*/g, (dots) => (dots === '.' ? '.' : '-'))
        .replaceAll(/^[-.]+|[-.]+$/g, ''),
    )
    .filter((part) => part !== '')
    .join('-')
    .slice(0, LONGEST)
    .replace(/[-.]+$/, '');
  return name === '' ? 'my-recipe' : name;
}
