import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { fileRate } from './checkpoint-size.ts';
import { STARTUP_BOUNDS } from './efficiency.ts';
import {
  type Decoded,
  decodingStepSeconds,
  type EvaluationLoad,
  evaluationBytes,
  evaluationCapacity,
} from './evaluation-load.ts';
import type { ModelSize } from './model-size.ts';
import type { StagePlan } from './plan.ts';
import { PROCESSOR_BOUNDS } from './processor-stage.ts';

/** Decoding is slower on a cold machine, and faster where models think shorter than they were shown to. */
const DECODING_BOUNDS = { low: 0.2, high: 2 } as const;

export interface DecodingFacts {
  readonly recipe: Decoded;
  readonly profile: ClusterProfile;
  readonly size: ModelSize;
  readonly load: EvaluationLoad;
  /** Of a parameter in the files that are loaded. */
  readonly storedBytes: number;
  /** What the trainer cannot carry out takes no time. */
  readonly canBeEvaluated: boolean;
}

/** One pod holds a node's devices, and one of them decodes. A second model is loaded after the first has answered. */
export function evaluateStage(facts: DecodingFacts): StagePlan {
  const { recipe, profile, size, load, storedBytes, canBeEvaluated } = facts;
  const memory = {
    bytes: evaluationBytes(recipe, size, profile, load),
    capacityBytes: evaluationCapacity(profile),
  };
  const step = decodingStepSeconds(recipe, size, profile, load);
  const decoding = (steps: number) => load.batches * steps * step;
  const loading = (load.models * storedBytes * size.parameters) / fileRate(profile);
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

export function withDevices(
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
