import { podStatements } from '../../orchestrator/controller/held-by-phase.ts';
import { lookAtUnattended } from '../../orchestrator/controller/look-at-unattended.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import type { PodStatement } from '../../orchestrator/ledger/statement.ts';
import { canonicalJson } from '../../orchestrator/recipe/canonical.ts';
import type { Pod } from './records.ts';
import type { World } from './world.ts';

/**
 * What a person is shown of a run that nobody works on: of what its pods held, just what the API server's record says, and
 * never more than is sure. Looking records nothing.
 */
export async function unattendedProblems(
  workplace: Workplace,
  world: World,
  run: string,
): Promise<readonly string[]> {
  const before = canonicalJson(await workplace.store.ledger.facts([run]));
  const sight = await lookAtUnattended(workplace);
  const problems: string[] = [];
  if (canonicalJson(await workplace.store.ledger.facts([run])) !== before)
    problems.push('a look has recorded something');
  // A cluster that is silent, or behind, shows what was known before.
  const isSeen = sight.looked.length > 0;
  for (const shown of await podStatements(workplace, sight, [run])) {
    const pod = world.pods.find(({ uid }) => uid === shown.pod);
    if (pod === undefined) throw new Error(`${shown.pod} never was`);
    if (isPastItsEnd(pod, shown, world))
      problems.push(`${pod.name} ended at ${pod.endedTrue}, and is shown to have held until ${shown.to}`);
    if (isSeen && !pod.forceDeleted && !isAsRecorded(pod, shown))
      problems.push(
        `${pod.name} is not shown as in its record: ${JSON.stringify([shown.end, shown.to, pod.record])}`,
      );
  }
  return problems;
}

function isPastItsEnd({ endedTrue, record, node }: Pod, { to }: PodStatement, world: World): boolean {
  const skew = Math.abs(node?.skew ?? 0) + 1_000;
  return endedTrue !== null && to > Math.max(endedTrue, record.endedAt ?? 0) + skew && !isBehind(to, world);
}

/** One that was just seen to live is in no doubt, and one that was seen to end is held until then. */
function isAsRecorded({ record }: Pod, shown: PodStatement): boolean {
  if (record.endedAt === undefined)
    return record.unreachableSince !== undefined || shown.doubtfulMilliseconds === 0;
  return record.phase === 'lost' || shown.end !== 'seen' || shown.to === record.endedAt;
}

/** What was seen is as old as the watch is late, and a node that is cut off is not known to be for seconds. */
const isBehind = (to: number, world: World): boolean => world.clock.now() - to < 20_000;
