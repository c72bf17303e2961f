export type Fact = readonly [label: string, value: string];

/** One line a fact, values aligned behind their labels. */
export function renderFacts(facts: readonly Fact[], indent = ''): string {
  const width = Math.max(...facts.map(([label]) => label.length));
  return facts.map(([label, value]) => `${indent}${label.padEnd(width)}  ${value}`).join('\n');
}
