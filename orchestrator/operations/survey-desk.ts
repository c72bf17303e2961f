import type { Caller } from '../contract/caller.ts';
import type { Question } from '../contract/routes.ts';
import type { Workplace } from '../controller/workplace.ts';
import type { Inventory } from '../doctor/node-use.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { Site } from './desk.ts';
import { requireKnown, submittedCluster } from './submitted-profile.ts';

/** Where a cluster is looked at, and for whom; it can be before anything was launched. */
export interface SurveyDesk {
  readonly caller: Caller;
  readonly site: Site;
  /** Undefined where nothing was recorded yet. */
  readonly openWorkplace: () => Promise<Workplace | undefined>;
  readonly now: () => number;
}

/** The profile that is asked about. @throws StintError `no-such-cluster`, `cluster-not-yours`. */
export async function surveyedProfile(
  { caller, site }: Pick<SurveyDesk, 'caller' | 'site'>,
  { cluster }: Pick<Question<'listNodes'>, 'cluster'>,
): Promise<ClusterProfile> {
  await requireKnown({ cluster }, caller, site.home);
  return submittedCluster({ cluster }, site.home);
}

/** Whose pods are on a cluster as a caller of one team may know it: those of runs that it does not see are anybody's. */
export function inventorySeenBy(
  { team }: Pick<Caller, 'team'>,
  inventory: Inventory,
  seen: ReadonlyMap<string, unknown>,
): Inventory {
  if (team === null) return inventory;
  const hidden = { run: undefined, team: undefined, project: undefined };
  return {
    ...inventory,
    pods: inventory.pods.map((pod) =>
      pod.run !== undefined && seen.has(pod.run) ? pod : { ...pod, ...hidden },
    ),
    reservations: inventory.reservations.filter(({ run }) => seen.has(run)),
  };
}
