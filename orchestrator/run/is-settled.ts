import { isAtRest, type Run } from './state.ts';

/**
 * Nothing is left to do for it: it is at rest, and its cluster was told that it may forget it.
 *
 * @param outlives - Whether its cluster keeps pods, and their records, beyond the process that made them.
 */
export const isSettled = ({ state, released }: Pick<Run, 'state' | 'released'>, outlives: boolean): boolean =>
  isAtRest(state) && (released || !outlives);
