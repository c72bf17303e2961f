import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { SettledEvaluation } from '../recipe/evaluation-recipe.ts';
import { fetchesFromHub, modelIsOnHub } from '../recipe/fetches-from-hub.ts';
import { fileRate } from './checkpoint-size.ts';
import type { ModelSize } from './model-size.ts';
import type { StagePlan } from './plan.ts';
import { onProcessors, PROCESS_BYTES, PROCESS_START_SECONDS } from './processor-stage.ts';

/** One connection of 1 Gbit/s, as a machine of a cluster has at least (an assumption: hubs state no rate). */
const HUB_BYTES_PER_SECOND = 1e8;
/** A hub is as far away as it is, and as busy: from 10 Gbit/s down to what a mirror serves to many at once. */
const HUB_BOUNDS = { low: 0.1, high: 10 } as const;

/**
 * The stage of an evaluation that fetches what a hub has and looks at it, before a device is held; null where there is none. The
 * weights are what takes its time: they come over the network, and are read again to be hashed. A server elsewhere has them already.
 */
export function fetchStage(
  recipe: SettledEvaluation,
  size: ModelSize,
  storedBytes: number,
  profile: ClusterProfile,
): StagePlan | null {
  if (!fetchesFromHub(recipe)) return null;
  const isFetched = modelIsOnHub(recipe) && recipe.evaluation.engine?.kind !== 'endpoint';
  const bytes = isFetched ? storedBytes * size.parameters : 0;
  const seconds = PROCESS_START_SECONDS + bytes / HUB_BYTES_PER_SECOND + bytes / fileRate(profile);
  return onProcessors('prepare', profile, seconds, 2 * PROCESS_BYTES, HUB_BOUNDS);
}
