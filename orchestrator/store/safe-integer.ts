/**
 * PostgreSQL's bigint, and the numeric that sums of them are, as the numbers that SQLite gives. They come as text.
 *
 * @throws RangeError when a number cannot hold it exactly.
 */
export function integerOf(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`the store holds ${text}, which is no safe integer`);
  return value;
}
