import type { Plan } from '../plan/plan.ts';
import type { Stage } from '../wire/job-spec.ts';
import { isGang, takesSteps } from '../wire/stage-traits.ts';
import type { RunDecision } from './job-spec.ts';

export interface StageRequest extends RunDecision {
  readonly stage: Stage;
  /** From 1. */
  readonly attempt: number;
  /** Highest optimizer step that an earlier attempt reported; 0 at first. */
  readonly reachedStep: number;
  /** Names of nodes that failed this run before. */
  readonly avoidNodes: readonly string[];
  /** The plan as it was judged last, for what the pods are given; the specification stays that of the launch. */
  readonly judged?: Pick<Plan, 'duration' | 'memory'>;
}

/** Training is ended as stuck after this many times the plan's upper estimate, and no sooner than ten minutes. */
const DEADLINE_FACTOR = 3;
const SHORTEST_DEADLINE_SECONDS = 600;

/** Only of a stage that takes steps is the time planned. */
export const deadlineSeconds = ({ stage, plan, judged = plan }: StageRequest): number | undefined =>
  takesSteps(stage)
    ? Math.ceil(Math.max(SHORTEST_DEADLINE_SECONDS, DEADLINE_FACTOR * judged.duration.highSeconds))
    : undefined;

/** Pods that a stage has at once: a gang of one for each node, or one. */
export const podCount = ({ stage, profile }: Pick<StageRequest, 'stage' | 'profile'>): number =>
  isGang(stage) ? profile.nodes : 1;
