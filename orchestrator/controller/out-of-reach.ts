import { isStintError } from '../errors/stint-error.ts';

const OUT_OF_REACH = [
  'cluster-unreachable',
  'cluster-unavailable',
  'being-deleted',
  'store-unreachable',
  'store-busy',
  'lease-lost',
];

/** Nothing is wrong with the run: what became of it is not known now, or not recorded, and nothing may be decided from that. */
export const isOutOfReach = (error: unknown): boolean =>
  isStintError(error) && OUT_OF_REACH.includes(error.problems[0]?.code ?? '');
