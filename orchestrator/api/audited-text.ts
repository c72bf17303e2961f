/** Characters of a field that a line of the audit keeps whole: names and limits, and not the lengths of a hundred thousand rows. */
const MOST = 500;
const DEPTH = 3;

/** What was asked, with what is long told by its length. */
export function auditedText(value: unknown, depth = DEPTH): unknown {
  const text = JSON.stringify(value) ?? '';
  if (text.length <= MOST) return value;
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value))
    return `(${text.length} characters)`;
  return Object.fromEntries(
    Object.entries(value).map(([field, each]) => [field, auditedText(each, depth - 1)]),
  );
}
