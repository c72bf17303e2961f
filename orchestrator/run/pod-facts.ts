import type { Stage } from '../wire/job-spec.ts';
import type { Termination } from '../wire/termination.ts';

/**
 * What is known of one pod, from evidence. Times are milliseconds since the epoch.
 * `lost`: it is dead (proven), but nobody saw how it ended; `endedAt` is then when death was proven.
 */
export interface PodFacts {
  readonly uid: string;
  readonly name: string;
  readonly job: string;
  readonly run: string;
  readonly stage: Stage;
  readonly attempt: number;
  /** Completion index. */
  readonly index: number;
  readonly node: string;
  readonly deviceModel: string;
  /** Devices the pod holds while it is bound; 0 for stages on processors only. */
  readonly devices: number;
  readonly phase: 'pending' | 'running' | 'succeeded' | 'failed' | 'lost';
  /** The pod holds its devices from here on. */
  readonly boundAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly termination?: Termination;
}
