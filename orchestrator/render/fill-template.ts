import { StintError } from '../errors/stint-error.ts';

const HOLE = /^\$\{([A-Za-z][\w-]*):(string|int|bool|list|map)(\??)\}$/;
/** An item or field that is not there, because the value of its optional hole is absent. */
const ABSENT = Symbol('absent');

type HoleType = 'string' | 'int' | 'bool' | 'list' | 'map';

const IS_OF_TYPE: Readonly<Record<HoleType, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  int: (value) => Number.isSafeInteger(value),
  bool: (value) => typeof value === 'boolean',
  list: (value) => Array.isArray(value),
  map: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/**
 * Puts values into the holes of a parsed template: whole scalars `${name:type}`, optional with `?`. A value is placed
 * as it is and never looked into, so no text in it can become a hole or structure. A list that stands as an item of
 * a list puts its items there.
 *
 * @throws StintError `template-mismatch` for a hole without a value, a value of another type, a value without a hole,
 * or text that looks like a hole and is none; each with its path in the template.
 */
export function fillTemplate(template: unknown, values: Readonly<Record<string, unknown>>): unknown {
  const used = new Set<string>();

  function fill(node: unknown, path: string): unknown {
    if (typeof node === 'string') return node.includes('${') ? valueOf(node, path) : node;
    if (Array.isArray(node)) return node.flatMap((item, index) => fillItem(item, `${path}[${index}]`));
    if (typeof node !== 'object' || node === null) return node;
    const fields = Object.entries(node).map(([key, field]) => [key, fill(field, `${path}.${key}`)] as const);
    return Object.fromEntries(fields.filter(([, field]) => field !== ABSENT));
  }

  /** As the items that it becomes in a list. */
  function fillItem(item: unknown, path: string): unknown[] {
    const filled = fill(item, path);
    if (filled === ABSENT) return [];
    return typeof item === 'string' && Array.isArray(filled) ? filled : [filled];
  }

  function valueOf(hole: string, path: string): unknown {
    const [, name, type, optional] = HOLE.exec(hole) ?? [];
    if (name === undefined || type === undefined)
      throw mismatch(
        path,
        `"${hole}" is not a hole`,
        'write ${name:type} as a whole value; types are string, int, bool, list, map',
      );
    used.add(name);
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined && optional === '?') return ABSENT;
    if (value === undefined)
      throw mismatch(path, `hole "${name}" has no value`, 'give it one, or mark it optional with ?');
    if (!IS_OF_TYPE[type as HoleType](value))
      throw mismatch(
        path,
        `hole "${name}" wants type ${type}, got ${JSON.stringify(value)}`,
        'correct the value or the declared type',
      );
    return value;
  }

  const filled = fill(template, '');
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0)
    throw mismatch(
      '',
      `no hole takes ${unused.map((name) => `"${name}"`).join(', ')}`,
      'add the hole, or stop supplying the value',
    );
  return filled;
}

const mismatch = (path: string, what: string, todo: string) =>
  new StintError({
    code: 'template-mismatch',
    where: path || '(the whole template)',
    what,
    todo,
  });
