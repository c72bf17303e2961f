import { isStintError } from '../errors/stint-error.ts';

/**
 * What trying again can do. `passes`: nothing is wrong with the run, and what became of the order is not known. `refused`: it
 * is not allowed or not possible as things are, until a person changes something. `unknown`: nobody has foreseen it.
 */
export type TroubleKind = 'passes' | 'refused' | 'unknown';

export function troubleKind(error: unknown): TroubleKind {
  if (!isStintError(error)) return 'unknown';
  return error.kind === 'unavailable' ? 'passes' : 'refused';
}

/** What is refused, or fails in a way that nobody has foreseen, is given up after so many tries; what passes never is. */
export const MAX_TRIES = 5;

interface Pace {
  readonly first: number;
  readonly factor: number;
  readonly longest: number;
}

/** A refusal is a person's to fix, so it is asked about least often: five tries are some three minutes. */
const PACES: Readonly<Record<TroubleKind, Pace>> = {
  passes: { first: 2_000, factor: 2, longest: 30_000 },
  refused: { first: 5_000, factor: 3, longest: 300_000 },
  unknown: { first: 500, factor: 2, longest: 30_000 },
};

/** How long to wait after so many failures in a row, from 1; milliseconds. */
export function pauseAfter(kind: TroubleKind, failures: number): number {
  const { first, factor, longest } = PACES[kind];
  return Math.min(longest, first * factor ** (failures - 1));
}

export const isGivenUp = (kind: TroubleKind, failures: number): boolean =>
  kind !== 'passes' && failures >= MAX_TRIES;
