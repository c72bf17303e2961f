/** A recipe's value as a person writes it. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}

const SHORT = 60;

/** The same to name an arm by: of a whole model its beginning is enough. */
export function shortValueText(value: unknown): string {
  const text = valueText(value);
  return typeof value === 'object' && text.length > SHORT ? `${text.slice(0, SHORT - 1)}…` : text;
}
