import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { Answering } from './can-be-evaluated.ts';
import { endpointAnswering } from './endpoint-answering.ts';
import type { KnownBenchmark } from './evaluation-load.ts';
import { judgedBy } from './judged-by.ts';
import type { DataLengths } from './lengths.ts';
import type { ModelSize } from './model-size.ts';
import { ownAnswering } from './own-answering.ts';
import type { Plan, StagePlan, Verdict } from './plan.ts';
import { vllmAnswering } from './vllm-answering.ts';

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

export function planAnswering(facts: AnsweringFacts): AnsweringPlan {
  const { verdicts, ...plan } = byEngine(facts);
  return { ...plan, verdicts: [...verdicts, ...judgedBy(facts.recipe.evaluation, facts.known)] };
}

function byEngine(facts: AnsweringFacts): AnsweringPlan {
  const { engine } = facts.recipe.evaluation;
  switch (engine?.kind) {
    case 'vllm':
      return vllmAnswering(facts);
    case 'endpoint':
      return endpointAnswering(facts, engine);
    case 'trainer':
    case undefined:
      return ownAnswering(facts);
  }
}

/** Device-hours of the same evaluation with so many answers to each question of one benchmark, asked by itself. */
export function hoursOf(facts: AnsweringFacts, benchmark: string, samples: number): number {
  const { evaluation } = facts.recipe;
  const benchmarks = evaluation.benchmarks.filter(({ name }) => name === benchmark);
  const recipe = { ...facts.recipe, evaluation: { ...evaluation, benchmarks, samples } };
  const known = facts.known.filter(({ name }) => name === benchmark);
  return planAnswering({ ...facts, recipe, known }).stage.gpuHours.expected;
}
