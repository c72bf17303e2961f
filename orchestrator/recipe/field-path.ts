export type FieldPath = readonly PropertyKey[];

/** `arms[1].value`, the way people write a place in a document. */
export function formatPath(path: FieldPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** The value at a path, or undefined where the path leads nowhere. */
export function valueAt(root: unknown, path: FieldPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

/** A copy of `root` with the value at a path replaced; the way there is made where it is missing. */
export function withValueAt(root: unknown, path: FieldPath, value: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  const object = typeof root === 'object' && root !== null ? (root as Record<PropertyKey, unknown>) : {};
  return { ...object, [head]: withValueAt(object[head], rest, value) };
}

/** A copy of `root` without the field at a path. */
export function withoutPath(root: unknown, path: FieldPath): unknown {
  const [head, ...rest] = path;
  if (head === undefined || typeof root !== 'object' || root === null) return root;
  const { [head]: child, ...others } = root as Record<PropertyKey, unknown>;
  return rest.length === 0 || child === undefined ? others : { ...others, [head]: withoutPath(child, rest) };
}
