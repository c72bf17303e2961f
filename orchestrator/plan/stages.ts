import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { takesSteps } from '../wire/stage-traits.ts';
import { fileRate, lastCheckpointBytes } from './checkpoint-size.ts';
import { withDevices } from './evaluate-stage.ts';
import { weightsSeconds } from './fetch-stage.ts';
import type { Plan, StagePlan } from './plan.ts';
import { onProcessors, PROCESS_BYTES, PROCESS_START_SECONDS } from './processor-stage.ts';
import type { Sizing } from './sizing.ts';

export interface StageFacts {
  readonly recipe: FineTune;
  readonly profile: ClusterProfile;
  readonly sizing: Sizing;
  /** Of training. */
  readonly duration: Plan['duration'];
  /** Null where nothing is evaluated. */
  readonly evaluate: StagePlan | null;
}

/** Records that are rendered and tokenised in a second, each a few hundred tokens. */
const PREPARED_TOKENS_PER_SECOND = 300_000;
/** Of a file that is exported while the next is read. */
const EXPORT_FILE_BYTES = 5e9;
/** What each stage takes, in their order. Device time is that of the devices a stage holds, whether it uses them or not. */
export function planStages(facts: StageFacts): StagePlan[] {
  return [
    prepareStage(facts),
    trainStage(facts),
    exportStage(facts),
    ...(facts.evaluate === null ? [] : [facts.evaluate]),
  ];
}

function prepareStage({ recipe, profile, sizing }: StageFacts): StagePlan {
  const tokens = sizing.lengths.kept.reduce((sum, length) => sum + length, 0);
  const { hub, read } = weightsSeconds(recipe.model, sizing.size, profile);
  const seconds = PROCESS_START_SECONDS + read + tokens / PREPARED_TOKENS_PER_SECOND;
  return onProcessors('prepare', profile, seconds, 2 * PROCESS_BYTES, hub);
}

function exportStage({ recipe, profile, sizing }: StageFacts): StagePlan {
  const { size } = sizing;
  // Read to be verified and to be written again; what the last checkpoint holds is what is exported.
  const exported = lastCheckpointBytes(recipe, size);
  const seconds = 10 + (2 * exported) / fileRate(profile);
  // A file's tensors as they were saved, and as they are copied into what is written.
  const held = 2 * Math.min(EXPORT_FILE_BYTES, exported);
  return onProcessors('export', profile, seconds, held + PROCESS_BYTES);
}

function trainStage({ profile, sizing, duration }: StageFacts): StagePlan {
  const { expectedSeconds, lowSeconds, highSeconds } = duration;
  const memory = { bytes: sizing.deviceBytes, capacityBytes: profile.device.memory };
  return withDevices('train', sizing.layout.world, memory, { expectedSeconds, lowSeconds, highSeconds });
}

/** Whether something is trained; plans of old trained all of them. */
export const trains = ({ stages }: Pick<Plan, 'stages'>): boolean =>
  stages === undefined || stages.some(({ name }) => takesSteps(name));

/** Of training alone, as the time model expects it and runs are measured against it; plans of old have only that. */
export const trainingHours = ({ stages, gpuHours }: Pick<Plan, 'stages' | 'gpuHours'>): Plan['gpuHours'] =>
  stages?.find(({ name }) => takesSteps(name))?.gpuHours ?? gpuHours;

export function sumOfHours(stages: readonly StagePlan[]): Plan['gpuHours'] {
  const sum = (bound: keyof Plan['gpuHours']) =>
    stages.reduce((total, { gpuHours }) => total + gpuHours[bound], 0);
  return { expected: sum('expected'), low: sum('low'), high: sum('high') };
}
