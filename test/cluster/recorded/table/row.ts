import type { Status } from '../../../../orchestrator/run/status.ts';
import type { OwnerResource } from '../recording.ts';

/** A pod's time in the ledger. Times of the day are those of the API server's record; 8 devices each. */
interface HeldPod {
  readonly pod: string;
  readonly attempt: number;
  readonly node: string;
  /** Its binding: PodScheduled's last transition. */
  readonly from: string;
  /** The end of its container; `doubtful`: when its death was certain; `open`: held until the recording's last change. */
  readonly to: string;
  readonly end: 'seen' | 'doubtful' | 'open';
  /** (to − from) × 8 devices. */
  readonly gpuMilliseconds: number;
}

interface EndedAttempt {
  readonly attempt: number;
  readonly as: string;
  /** On which evidence. */
  readonly because: string;
  readonly requeued?: true;
  /** To be avoided for it. */
  readonly nodes?: readonly string[];
}

interface Row {
  /** Named after its job. */
  readonly run: string;
  readonly state: string;
  readonly released: boolean;
  readonly retries: number;
  readonly statuses: readonly Status[];
  /** In the order in which they came. */
  readonly obstacles: readonly string[];
  /** Attempts that have ended. */
  readonly ended: readonly EndedAttempt[];
  readonly pods: readonly HeldPod[];
  readonly gpuMilliseconds: number;
}

export interface Recorded {
  readonly recording: string;
  readonly owner?: OwnerResource;
  readonly runs: readonly Row[];
}

export const start = (job: string, queue: string, place = '1st of 1'): readonly string[] => [
  `Kueue has not taken notice of ${job} yet`,
  `${place} in queue ${queue}`,
];
export const admitted = (job: string) => `${job} is admitted, and there is no pod of it yet`;
export const gated = (...pods: readonly string[]): readonly string[] =>
  pods.map(
    (pod) =>
      `${pod} is not free to be taken by a node: Scheduling is blocked due to non-empty scheduling gates`,
  );
export const creating = (...pods: readonly string[]): readonly string[] =>
  pods.map((pod) => `the container of ${pod} does not start on real-0: ContainerCreating`);
export const silent = (node: string, pod: string) => `the node ${node} of ${pod} does not answer`;
export const exited = (pod: string, code: number) =>
  `${pod} exited with code ${code} and left no message; its log says more`;

export const WELL: readonly Status[] = [
  'starting',
  'queued',
  'admitted',
  'scheduled',
  'running',
  'succeeded',
];
export const success = (attempt: number): EndedAttempt => ({ attempt, as: 'succeeded', because: 'done' });
export const seen = (
  pod: string,
  attempt: number,
  node: string,
  [from, to]: readonly [string, string],
  gpuMilliseconds: number,
): HeldPod => ({ pod, attempt, node, from, to, end: 'seen', gpuMilliseconds });
export const open = (
  pod: string,
  attempt: number,
  node: string,
  [from, to]: readonly [string, string],
  gpuMilliseconds: number,
): HeldPod => ({ pod, attempt, node, from, to, end: 'open', gpuMilliseconds });
