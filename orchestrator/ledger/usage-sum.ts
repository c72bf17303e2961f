import type { Priced } from './price-on.ts';
import type { HeldTime } from './statement.ts';
import type { UsedTime } from './use.ts';

/** What sums of usage can be told apart by, besides what prices depend on. */
export type UsageDimension = 'run' | 'stage' | 'node' | 'recipe' | 'project' | 'team' | 'costCenter';

/** Held time of all pods that agree in the dimensions that were asked for and in all that a price depends on. */
export interface UsageSum extends Priced {
  /** Null where the run says nothing of it, or is not known here. */
  readonly key: Readonly<Partial<Record<UsageDimension, string | null>>>;
  readonly gpuMilliseconds: number;
  readonly doubtfulMilliseconds: number;
  readonly phases: HeldTime;
  readonly uses: UsedTime;
}
