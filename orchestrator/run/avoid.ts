import type { Run } from './state.ts';

/** One failure may be anybody's; the second on the same node is the node's. */
const FAILURES = 2;

/** Nodes that the next launch keeps away from. Those that failed first come first; last come those that were measured. */
export function nodesToAvoid({ suspects, unfit }: Pick<Run, 'suspects' | 'unfit'>): readonly string[] {
  const failed = suspects.filter(
    (node) => !unfit.flat().includes(node) && suspects.filter((each) => each === node).length >= FAILURES,
  );
  return [...new Set([...failed, ...unfit.flat()])];
}

/**
 * As many of them as a gang can do without: a launch that needs a node which it avoids would wait for ever. Those that failed
 * first are used again first.
 *
 * @param usable - Names of the nodes that could take a pod; null where that is not known, and then none is avoided.
 */
export function affordable(
  avoid: readonly string[],
  usable: readonly string[] | null,
  gang: number,
): readonly string[] {
  if (usable === null) return [];
  const healthy = usable.filter((node) => !avoid.includes(node)).length;
  const needed = Math.max(0, gang - healthy);
  return avoid.slice(needed);
}
