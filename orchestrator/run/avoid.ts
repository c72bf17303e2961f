import type { Run } from './state.ts';

/** One failure may be anybody's; the second on the same node is the node's. */
const FAILURES = 2;

/** Nodes that the next launch keeps away from. Those that failed first come first. */
export function nodesToAvoid({ suspects }: Pick<Run, 'suspects'>): readonly string[] {
  return [...new Set(suspects)].filter((node) => suspects.filter((each) => each === node).length >= FAILURES);
}
