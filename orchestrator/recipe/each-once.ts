import type { z } from 'zod';

/** For the schema of a list: items that are `alike` an earlier one are wrong, each at its own place, or at a field of it. */
export function eachOnce<T>(
  alike: (item: T) => string,
  expected: string,
  field?: keyof T & string,
): (list: z.core.ParsePayload<T[]>) => void {
  return ({ value, issues }) => {
    const known = new Set<string>();
    for (const [place, item] of value.entries()) {
      const path = field === undefined ? [place] : [place, field];
      const identity = alike(item);
      if (known.has(identity)) issues.push({ code: 'custom', path, message: expected, input: value });
      known.add(identity);
    }
  };
}
