import { StintError } from '../errors/stint-error.ts';
import { COST_DIMENSIONS, type CostDimension } from '../ledger/cost-rows.ts';
import { dayOf } from '../ledger/usage-day.ts';
import { oneOf } from '../recipe/one-of.ts';

export const COST_FORMATS = ['table', 'json', 'csv', 'focus'] as const;
export type CostFormat = (typeof COST_FORMATS)[number];

export interface CostOptions {
  readonly by?: string;
  readonly since?: string;
  readonly until?: string;
  readonly format?: string;
  readonly prices?: string;
  readonly json?: boolean;
}

export interface CostQuery {
  readonly by: readonly CostDimension[];
  /** Days since 1970-01-01 in UTC: the first, and the one after the last. */
  readonly since?: number;
  readonly until?: number;
  readonly format: CostFormat;
}

/** @throws StintError for each option that cannot be meant. */
export function costQuery({ by = 'run', since, until, format, json }: CostOptions): CostQuery {
  const names = by.split(',').map((name) => name.trim());
  const first = since === undefined ? undefined : dayOfText('--since', since).first;
  const after = until === undefined ? undefined : dayOfText('--until', until).after;
  if (first !== undefined && after !== undefined && after <= first)
    throw wrong(
      '--until',
      `${until} lies before ${since}`,
      'a day that is not before --since',
      'exchange the two',
    );
  return {
    by: [...new Set(names.map((name) => oneOf('--by', name, COST_DIMENSIONS)))],
    format: formatOf(format, json),
    ...(first !== undefined && { since: first }),
    ...(after !== undefined && { until: after }),
  };
}

/** `--json` is short for one format: beside another, one of the two would be passed over. */
function formatOf(format: string | undefined, json = false): CostFormat {
  const named = oneOf('--format', format ?? (json ? 'json' : 'table'), COST_FORMATS);
  if (!json || named === 'json') return named;
  throw new StintError({
    code: 'bad-option',
    where: '--json',
    what: `--json and --format ${named} ask for two formats`,
    todo: 'leave one of them out',
  });
}

/** A day, or a month as all of its days. */
function dayOfText(option: string, text: string): { readonly first: number; readonly after: number } {
  const match = /^(\d{4})-(\d\d)(?:-(\d\d))?$/.exec(text);
  const [year, month, day] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3] ?? 1)];
  const start = new Date(Date.UTC(year, month - 1, day));
  // Years below 100 are taken for those of the twentieth century there, and no day before 1970 has a number here.
  const isReal = year >= 1970 && start.getUTCMonth() === month - 1 && start.getUTCDate() === day;
  if (match === null || !isReal)
    throw wrong(
      option,
      `"${text}" is no day`,
      'a day or a month of UTC from 1970 on: 2026-11-27 or 2026-11',
      'write it so',
    );
  const first = dayOf(start.getTime());
  return { first, after: match[3] === undefined ? dayOf(Date.UTC(year, month, 1)) : first + 1 };
}

const wrong = (where: string, what: string, expected: string, todo: string): StintError =>
  new StintError({ code: 'wrong-option', where, what, why: `expected ${expected}`, todo });
