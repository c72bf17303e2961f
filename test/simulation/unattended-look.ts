import { podStatements } from '../../orchestrator/controller/held-by-phase.ts';
import { lookAtUnattended } from '../../orchestrator/controller/look-at-unattended.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { canonicalJson } from '../../orchestrator/recipe/canonical.ts';
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
    const { record, forceDeleted, name, endedTrue, node } = pod;
    const skew = Math.abs(node?.skew ?? 0) + 1_000;
    if (
      endedTrue !== null &&
      shown.to > Math.max(endedTrue, record.endedAt ?? 0) + skew &&
      !isBehind(shown.to, world)
    )
      problems.push(`${name} ended at ${endedTrue}, and is shown to have held until ${shown.to}`);
    if (!isSeen || forceDeleted) continue;
    const isSilent = record.unreachableSince !== undefined;
    if (record.endedAt === undefined && !isSilent && shown.doubtfulMilliseconds > 0)
      problems.push(`${name} was just seen to live, and is in doubt`);
    if (
      record.endedAt !== undefined &&
      record.phase !== 'lost' &&
      shown.end === 'seen' &&
      shown.to !== record.endedAt
    )
      problems.push(`${name} ended at ${record.endedAt} by its record, and is shown until ${shown.to}`);
  }
  return problems;
}

/** What was seen is as old as the watch is late, and a node that is cut off is not known to be for seconds. */
const isBehind = (to: number, world: World): boolean => world.clock.now() - to < 20_000;
