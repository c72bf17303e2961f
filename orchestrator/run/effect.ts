import type { Stage } from '../wire/job-spec.ts';
import type { CollectedStage } from '../wire/stage-traits.ts';

/** Something to do in the world. Every effect is safe to repeat. `attempt`: the one that the job was launched as. */
export type Effect =
  | { readonly do: 'launch'; readonly stage: Stage; readonly attempt: number }
  | { readonly do: 'stop'; readonly stage: Stage; readonly attempt: number }
  /** Take over what a stage left: judge the plan again, register the checkpoint, record the evaluation. */
  | { readonly do: 'collect'; readonly stage: CollectedStage }
  /** Let the cluster forget pods whose time is in the ledger; and the job itself where it is over. */
  | {
      readonly do: 'release';
      readonly job: string;
      readonly pods: readonly string[];
      readonly whole: boolean;
    }
  /** Take away what the run's jobs shared: none of them is left to use it. */
  | { readonly do: 'clear' };
