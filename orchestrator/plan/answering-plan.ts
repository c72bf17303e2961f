import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { Answering } from './can-be-evaluated.ts';
import type { KnownBenchmark } from './evaluation-load.ts';
import type { DataLengths } from './lengths.ts';
import type { ModelSize } from './model-size.ts';
import type { Plan, StagePlan, Verdict } from './plan.ts';

export interface AnsweringFacts {
  readonly recipe: Answering;
  readonly profile: ClusterProfile;
  readonly size: ModelSize;
  /** What the model that answers was trained on. */
  readonly lengths: Pick<DataLengths, 'basis' | 'kept' | 'longest'>;
  readonly known: readonly KnownBenchmark[];
  /** Of a parameter in the files that are loaded. */
  readonly storedBytes: number;
}

/** What asking takes by the engine that the recipe names. */
export interface AnsweringPlan {
  readonly verdicts: readonly Verdict[];
  readonly stage: StagePlan;
  /** Of the memory of a device, or of a process where none is held. */
  readonly parts: Plan['memory']['parts'];
}
