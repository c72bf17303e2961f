import type { Stage } from '../wire/job-spec.ts';
import type { Termination } from '../wire/termination.ts';

/**
 * What is known of one pod, from evidence. Times are milliseconds since the epoch.
 * `lost`: it is dead (proven), but nobody saw how it ended; `endedAt` is then when death was proven.
 */
export interface PodFacts {
  readonly uid: string;
  readonly name: string;
  /** The object that it was made for. */
  readonly job: string;
  readonly run: string;
  readonly stage: Stage;
  /** The attempt that was launched with its job. */
  readonly launch: number;
  /** The attempt that it is a part of: later than the launch when the job has started its pods again (`numberAttempts`). */
  readonly attempt: number;
  /** Completion index. */
  readonly index: number;
  readonly node: string;
  readonly deviceModel: string;
  /** Devices the pod holds while it is bound; 0 for stages on processors only. */
  readonly devices: number;
  readonly phase: 'pending' | 'running' | 'succeeded' | 'failed' | 'lost';
  readonly createdAt: number;
  /** The pod holds its devices from here on. */
  readonly boundAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly termination?: Termination;
  /** The failure of its node has ended it, by the cluster's word. */
  readonly nodeFailed?: true;
  /** Why its container does not start, by its node's word. */
  readonly waiting?: { readonly reason: string; readonly message: string };
  /** Its node does not answer since then. */
  readonly unreachableSince?: number;
  /** It was told to end, and should have by then. */
  readonly dueToEndAt?: number;
  /** The cluster keeps its record until it is told that its usage is settled. */
  readonly retained?: boolean;
}

/** As people read it: by its attempt, where the job has started its pods again and their names tell of an earlier one. */
export const podText = ({
  name,
  stage,
  launch,
  attempt,
  index,
}: Pick<PodFacts, 'name' | 'stage' | 'launch' | 'attempt' | 'index'>): string =>
  attempt === launch ? name : `${stage}-a${attempt}-${index} (${name})`;

export const isAlive = ({ endedAt }: PodFacts): boolean => endedAt === undefined;
