import { z } from 'zod';

const BYTE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const SECOND_UNITS: Readonly<Record<string, number>> = { ms: 1e-3, s: 1, min: 60, h: 3600, d: 86400 };

/** Beyond, whole numbers are not exact, and Kubernetes has no form for them. */
const MOST = Number.MAX_SAFE_INTEGER.toExponential(0);

/** A schema for text such as `80GiB` that becomes a number in the base unit; a wrong or missing unit is refused by name. */
function quantity(
  what: string,
  base: string,
  units: Readonly<Record<string, number>>,
  example: string,
  least = 0,
) {
  const names = Object.keys(units);
  return z
    .string(`expected ${what} with its unit, for example ${example}`)
    .transform((text, context) => {
      const match = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(text);
      const factor = match?.[2] === undefined ? undefined : units[match[2]];
      if (match?.[1] === undefined || factor === undefined) {
        const found = match?.[2] ? `; unknown unit "${match[2]}"` : '';
        context.addIssue({
          code: 'custom',
          message: `expected ${what} with its unit (${names.join(', ')}), for example ${example}${found}`,
        });
        return z.NEVER;
      }
      const amount = Number(match[1]) * factor;
      if (amount > Number.MAX_SAFE_INTEGER) {
        context.addIssue({ code: 'custom', message: `expected ${what} below ${MOST} ${base}` });
        return z.NEVER;
      }
      if (amount < least) {
        context.addIssue({ code: 'custom', message: `expected ${what} above zero` });
        return z.NEVER;
      }
      return amount;
    })
    .meta({ description: `${what}, read as ${base}` });
}

/**
 * Bytes: decimal units are powers of 1,000 and binary ones powers of 1,024. Nothing that has a size has none, and Kubernetes
 * takes a limit of 0 for no limit.
 */
export const Bytes = quantity('a size', 'bytes', BYTE_UNITS, '80GiB', 1);

/** Seconds. */
export const Seconds = quantity('a duration', 'seconds', SECOND_UNITS, '90s');
