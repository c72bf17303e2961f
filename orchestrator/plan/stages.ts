import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { FILE_BYTES_PER_SECOND, lastCheckpointBytes } from './checkpoint-size.ts';
import { computeBytes } from './device-memory.ts';
import { STARTUP_BOUNDS } from './efficiency.ts';
import {
  decodingStepSeconds,
  type EvaluationLoad,
  evaluationBytes,
  evaluationCapacity,
} from './evaluation-load.ts';
import type { Plan, StagePlan } from './plan.ts';
import type { Sizing } from './sizing.ts';

export interface StageFacts {
  readonly recipe: FineTune;
  readonly profile: ClusterProfile;
  readonly sizing: Sizing;
  /** Of training. */
  readonly duration: Plan['duration'];
  /** Null where nothing is evaluated. */
  readonly evaluation: EvaluationLoad | null;
  /** What the trainer cannot carry out takes no time. */
  readonly canBeEvaluated: boolean;
}

/** Records that are rendered and tokenised in a second, each a few hundred tokens. */
const PREPARED_TOKENS_PER_SECOND = 300_000;
/** Of a file that is exported while the next is read, and Python with torch. */
const EXPORT_FILE_BYTES = 5e9;
const PROCESS_BYTES = 0.5e9;
/** Stages that hold no devices are not measured as training is: machines differ by this much. */
const PROCESSOR_BOUNDS = { low: 0.3, high: 3 } as const;
/** Decoding is slower on a cold machine, and faster where models think shorter than they were shown to. */
const DECODING_BOUNDS = { low: 0.2, high: 2 } as const;

/** What each stage takes, in their order. Device time is that of the devices a stage holds, whether it uses them or not. */
export function planStages(facts: StageFacts): StagePlan[] {
  return [
    prepareStage(facts),
    trainStage(facts),
    exportStage(facts),
    ...(facts.evaluation === null ? [] : [evaluateStage(facts, facts.evaluation)]),
  ];
}

function prepareStage({ profile, sizing }: StageFacts): StagePlan {
  const tokens = sizing.lengths.kept.reduce((sum, length) => sum + length, 0);
  return onProcessors('prepare', profile, 5 + tokens / PREPARED_TOKENS_PER_SECOND, 2 * PROCESS_BYTES);
}

function exportStage({ recipe, profile, sizing }: StageFacts): StagePlan {
  const { size } = sizing;
  // Read to be verified and to be written anew; what the last checkpoint holds is what is exported.
  const exported = lastCheckpointBytes(recipe, size);
  const seconds = 10 + (2 * exported) / fileRate(profile);
  // A file's tensors as they were saved, and as they are copied into what is written.
  const held = 2 * Math.min(EXPORT_FILE_BYTES, exported);
  return onProcessors('export', profile, seconds, held + PROCESS_BYTES);
}

const fileRate = ({ floors }: ClusterProfile): number =>
  Math.min(FILE_BYTES_PER_SECOND, 1e6 * (floors?.diskMBps ?? Number.POSITIVE_INFINITY));

/** One device's share of a node, without the device. */
function onProcessors(
  name: StagePlan['name'],
  { node, devicesPerNode }: ClusterProfile,
  seconds: number,
  bytes: number,
): StagePlan {
  const { low, high } = PROCESSOR_BOUNDS;
  return {
    name,
    devices: 0,
    memory: { bytes, capacityBytes: node.memory / devicesPerNode },
    duration: { expectedSeconds: seconds, lowSeconds: low * seconds, highSeconds: high * seconds },
    gpuHours: { expected: 0, low: 0, high: 0 },
  };
}

function trainStage({ profile, sizing, duration }: StageFacts): StagePlan {
  const { expectedSeconds, lowSeconds, highSeconds } = duration;
  const memory = { bytes: sizing.deviceBytes, capacityBytes: profile.device.memory };
  return withDevices('train', sizing.layout.world, memory, { expectedSeconds, lowSeconds, highSeconds });
}

/** One pod holds a node's devices, and one of them decodes. A second model is loaded after the first has answered. */
function evaluateStage(
  { recipe, profile, sizing, canBeEvaluated }: StageFacts,
  load: EvaluationLoad,
): StagePlan {
  const { size } = sizing;
  const memory = {
    bytes: evaluationBytes(recipe, size, profile, load),
    capacityBytes: evaluationCapacity(profile),
  };
  const step = decodingStepSeconds(recipe, size, profile, load);
  const decoding = (steps: number) => load.batches * steps * step;
  const loading = (load.models * computeBytes(recipe) * size.parameters) / fileRate(profile);
  const duration = canBeEvaluated
    ? {
        expectedSeconds: profile.startup + loading + decoding(load.steps.expected),
        lowSeconds:
          STARTUP_BOUNDS.low * profile.startup +
          PROCESSOR_BOUNDS.low * loading +
          DECODING_BOUNDS.low * decoding(load.steps.expected),
        highSeconds:
          STARTUP_BOUNDS.high * profile.startup +
          PROCESSOR_BOUNDS.high * loading +
          DECODING_BOUNDS.high * decoding(load.steps.most),
      }
    : { expectedSeconds: 0, lowSeconds: 0, highSeconds: 0 };
  return withDevices('evaluate', profile.devicesPerNode, memory, duration);
}

function withDevices(
  name: StagePlan['name'],
  devices: number,
  memory: StagePlan['memory'],
  duration: StagePlan['duration'],
): StagePlan {
  const hours = (seconds: number) => (seconds * devices) / 3600;
  return {
    name,
    devices,
    memory,
    duration,
    gpuHours: {
      expected: hours(duration.expectedSeconds),
      low: hours(duration.lowSeconds),
      high: hours(duration.highSeconds),
    },
  };
}

/** Of training alone, as the time model expects it and runs are measured against it; plans of old have only that. */
export const trainingHours = ({ stages, gpuHours }: Pick<Plan, 'stages' | 'gpuHours'>): Plan['gpuHours'] =>
  stages?.find(({ name }) => name === 'train')?.gpuHours ?? gpuHours;

export function sumOfHours(stages: readonly StagePlan[]): Plan['gpuHours'] {
  const sum = (bound: keyof Plan['gpuHours']) =>
    stages.reduce((total, { gpuHours }) => total + gpuHours[bound], 0);
  return { expected: sum('expected'), low: sum('low'), high: sum('high') };
}
