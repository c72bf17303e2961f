import type { Caller } from '../contract/caller.ts';
import { StintError } from '../errors/stint-error.ts';

/** @throws StintError `not-allowed` for a caller of one team only. */
export function requireAllTeams({ name, team }: Pick<Caller, 'name' | 'team'>, why: string): void {
  if (team === null) return;
  throw new StintError({
    code: 'not-allowed',
    what: `"${name}" may act for team ${team} only`,
    why,
    todo: 'ask somebody whose token is for all teams',
  });
}
