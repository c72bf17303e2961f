import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { SettledEvaluation } from '../recipe/evaluation-recipe.ts';
import { fetchesFromHub, modelIsOnHub } from '../recipe/fetches-from-hub.ts';
import type { Model } from '../recipe/model.ts';
import { fileRate } from './checkpoint-size.ts';
import type { ModelSize } from './model-size.ts';
import type { StagePlan } from './plan.ts';
import { onProcessors, PROCESS_BYTES, PROCESS_START_SECONDS } from './processor-stage.ts';

/** Published models lie in 16 bits a parameter. */
export const STORED_BYTES = 2;
/** One connection of 1 Gbit/s, as a machine of a cluster has at least (an assumption: hubs state no rate). */
const HUB_BYTES_PER_SECOND = 1e8;

/** What a pretrained model's weights take before anything is done with them: from a hub that has them, and read to be hashed. */
export function weightsSeconds(
  model: Model,
  { parameters }: Pick<ModelSize, 'parameters'>,
  profile: ClusterProfile,
): { readonly hub: number; readonly read: number } {
  const bytes = model.kind === 'pretrained' ? STORED_BYTES * parameters : 0;
  return { hub: modelIsOnHub(model) ? bytes / HUB_BYTES_PER_SECOND : 0, read: bytes / fileRate(profile) };
}

/**
 * The stage of an evaluation that fetches what a hub has and looks at it, before a device is held; null where there is none. The
 * weights are what takes its time. A server elsewhere has them already.
 */
export function fetchStage(
  recipe: SettledEvaluation,
  size: ModelSize,
  profile: ClusterProfile,
): StagePlan | null {
  if (!fetchesFromHub(recipe)) return null;
  const isFetched = modelIsOnHub(recipe.model) && recipe.evaluation.engine?.kind !== 'endpoint';
  const { hub, read } = isFetched ? weightsSeconds(recipe.model, size, profile) : { hub: 0, read: 0 };
  return onProcessors('prepare', profile, PROCESS_START_SECONDS + read, 2 * PROCESS_BYTES, hub);
}
