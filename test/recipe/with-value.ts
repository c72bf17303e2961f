/** From a document to one of its fields or items. */
export type Path = readonly (string | number)[];

/** A copy of a document with another value at a path, through lists, too. */
export function withValue(document: unknown, [part, ...rest]: Path, value: unknown): unknown {
  if (part === undefined) return value;
  if (Array.isArray(document))
    return document.map((item: unknown, index) => (index === part ? withValue(item, rest, value) : item));
  const fields = document as Record<string, unknown>;
  return { ...fields, [part]: withValue(fields[part], rest, value) };
}
