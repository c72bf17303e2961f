import type { Status } from '../../../orchestrator/run/status.ts';
import type { OwnerResource } from './recording.ts';

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

const start = (job: string, queue: string, place = '1st of 1'): readonly string[] => [
  `Kueue has not taken notice of ${job} yet`,
  `${place} in queue ${queue}`,
];
const admitted = (job: string) => `${job} is admitted, and there is no pod of it yet`;
const gated = (...pods: readonly string[]): readonly string[] =>
  pods.map(
    (pod) =>
      `${pod} is not free to be taken by a node: Scheduling is blocked due to non-empty scheduling gates`,
  );
const creating = (...pods: readonly string[]): readonly string[] =>
  pods.map((pod) => `the container of ${pod} does not start on real-0: ContainerCreating`);
const silent = (node: string, pod: string) => `the node ${node} of ${pod} does not answer`;
const exited = (pod: string, code: number) =>
  `${pod} exited with code ${code} and left no message; its log says more`;

const NO_QUOTA =
  "couldn't assign flavors to pod set node: insufficient unused quota for memory in flavor h100, 304Gi more needed, insufficient unused quota for nvidia.com/gpu in flavor h100, 16 more needed";
const PREEMPTED =
  'Preempted to accommodate a workload (UID: 4f305162-1691-4518-b4d3-2fb71272122f, JobUID: b81e3a93-32e8-4950-881c-61d53d586eb2) due to prioritization in the ClusterQueue; preemptor path: /h100; preemptee path: /h100';
const NO_REPLACEMENT = 'Workload was evicted as there was no replacement for unhealthy node(s): gpu-1';

const WELL: readonly Status[] = ['starting', 'queued', 'admitted', 'scheduled', 'running', 'succeeded'];
const success = (attempt: number): EndedAttempt => ({ attempt, as: 'succeeded', because: 'done' });
const seen = (
  pod: string,
  attempt: number,
  node: string,
  [from, to]: readonly [string, string],
  gpuMilliseconds: number,
): HeldPod => ({ pod, attempt, node, from, to, end: 'seen', gpuMilliseconds });
const open = (
  pod: string,
  attempt: number,
  node: string,
  [from, to]: readonly [string, string],
  gpuMilliseconds: number,
): HeldPod => ({ pod, attempt, node, from, to, end: 'open', gpuMilliseconds });

/** What each recording has to come to, from its raw times and what its controllers said. */
export const TABLE: readonly Recorded[] = [
  {
    recording: 'success',
    runs: [
      {
        run: 's1-32b-bs32k-a1',
        state: 'succeeded',
        released: true,
        retries: 0,
        statuses: WELL,
        obstacles: [
          ...start('s1-32b-bs32k-a1', 'h100-train'),
          admitted('s1-32b-bs32k-a1'),
          ...gated('s1-32b-bs32k-a1-node-0-0-skpgm', 's1-32b-bs32k-a1-node-0-1-rpxpv'),
        ],
        ended: [success(1)],
        pods: [
          seen('s1-32b-bs32k-a1-node-0-0-skpgm', 1, 'gpu-0', ['00:51:29', '00:51:35'], 48_000),
          seen('s1-32b-bs32k-a1-node-0-1-rpxpv', 1, 'gpu-1', ['00:51:29', '00:51:35'], 48_000),
        ],
        gpuMilliseconds: 96_000,
      },
    ],
  },
  {
    // JobSet starts the gang again by itself, with the quota kept.
    recording: 'fail-restart',
    runs: [
      {
        run: 'a',
        state: 'succeeded',
        released: true,
        retries: 1,
        statuses: [...WELL.slice(0, -1), 'restarting', 'scheduled', 'running', 'succeeded'],
        obstacles: [
          ...start('a', 'h100-train'),
          admitted('a'),
          ...gated('a-node-0-0-wmr8r', 'a-node-0-1-jbt49', 'a-node-0-0-c895v', 'a-node-0-1-sckrb'),
        ],
        ended: [{ attempt: 1, as: 'unknown', because: exited('a-node-0-1-jbt49', 1) }, success(2)],
        pods: [
          seen('a-node-0-0-wmr8r', 1, 'gpu-0', ['00:51:40', '00:51:42'], 16_000),
          seen('a-node-0-1-jbt49', 1, 'gpu-1', ['00:51:40', '00:51:42'], 16_000),
          seen('a-node-0-0-c895v', 2, 'gpu-0', ['00:51:45', '00:51:47'], 16_000),
          seen('a-node-0-1-sckrb', 2, 'gpu-1', ['00:51:45', '00:51:47'], 16_000),
        ],
        gpuMilliseconds: 64_000,
      },
    ],
  },
  {
    recording: 'fail-exhausted',
    runs: [
      {
        run: 'a',
        state: `failed in train: ${exited('a-node-0-0-vqhmh', 1)}`,
        released: true,
        retries: 2,
        statuses: [
          ...WELL.slice(0, -1),
          'restarting',
          'scheduled',
          'running',
          'restarting',
          'scheduled',
          'running',
          'restarting',
          'failed',
        ],
        obstacles: [
          ...start('a', 'h100-train'),
          admitted('a'),
          ...gated('a-node-0-0-f2ggp', 'a-node-0-1-88jwh', 'a-node-0-0-5hsg7', 'a-node-0-1-l95n7'),
          ...gated('a-node-0-0-vqhmh', 'a-node-0-1-wgrn9'),
        ],
        ended: [
          { attempt: 1, as: 'unknown', because: exited('a-node-0-0-f2ggp', 1) },
          { attempt: 2, as: 'unknown', because: exited('a-node-0-0-5hsg7', 1) },
          { attempt: 3, as: 'unknown', because: exited('a-node-0-0-vqhmh', 1) },
        ],
        pods: [
          seen('a-node-0-0-f2ggp', 1, 'gpu-0', ['00:51:52', '00:51:53'], 8_000),
          seen('a-node-0-1-88jwh', 1, 'gpu-1', ['00:51:52', '00:51:53'], 8_000),
          seen('a-node-0-0-5hsg7', 2, 'gpu-0', ['00:51:55', '00:51:56'], 8_000),
          seen('a-node-0-1-l95n7', 2, 'gpu-1', ['00:51:55', '00:51:56'], 8_000),
          seen('a-node-0-0-vqhmh', 3, 'gpu-0', ['00:51:58', '00:51:59'], 8_000),
          seen('a-node-0-1-wgrn9', 3, 'gpu-1', ['00:51:58', '00:51:59'], 8_000),
        ],
        gpuMilliseconds: 48_000,
      },
    ],
  },
  {
    recording: 'fail-nonretriable',
    runs: [
      {
        run: 'a',
        state: `failed in train: ${exited('a-node-0-0-fws8m', 65)}`,
        released: true,
        retries: 0,
        statuses: [...WELL.slice(0, -1), 'failed'],
        obstacles: [
          ...start('a', 'h100-train'),
          admitted('a'),
          ...gated('a-node-0-0-fws8m', 'a-node-0-1-l86rt'),
        ],
        ended: [{ attempt: 1, as: 'data', because: exited('a-node-0-0-fws8m', 65) }],
        pods: [
          seen('a-node-0-0-fws8m', 1, 'gpu-0', ['00:52:04', '00:52:06'], 16_000),
          seen('a-node-0-1-l86rt', 1, 'gpu-1', ['00:52:04', '00:52:06'], 16_000),
        ],
        gpuMilliseconds: 32_000,
      },
    ],
  },
  {
    recording: 'queueing',
    runs: [
      {
        run: 'a',
        state: 'succeeded',
        released: true,
        retries: 0,
        statuses: WELL,
        obstacles: [
          ...start('a', 'h100-train'),
          admitted('a'),
          ...gated('a-node-0-0-n864j', 'a-node-0-1-7n9lx'),
        ],
        ended: [success(1)],
        pods: [
          seen('a-node-0-0-n864j', 1, 'gpu-0', ['00:52:12', '00:52:16'], 32_000),
          seen('a-node-0-1-7n9lx', 1, 'gpu-1', ['00:52:12', '00:52:16'], 32_000),
        ],
        gpuMilliseconds: 64_000,
      },
      {
        run: 'b',
        state: 'succeeded',
        released: true,
        retries: 0,
        statuses: WELL,
        obstacles: [
          ...start('b', 'h100-train'),
          `1st of 1 in queue h100-train: ${NO_QUOTA}`,
          admitted('b'),
          ...gated('b-node-0-0-flp2k', 'b-node-0-1-ctrk8'),
        ],
        ended: [success(1)],
        pods: [
          seen('b-node-0-0-flp2k', 1, 'gpu-0', ['00:52:19', '00:52:21'], 16_000),
          seen('b-node-0-1-ctrk8', 1, 'gpu-1', ['00:52:19', '00:52:21'], 16_000),
        ],
        gpuMilliseconds: 32_000,
      },
    ],
  },
  {
    // The first was taken back before its pods had ended, and waits as the second of two.
    recording: 'preemption',
    runs: [
      {
        run: 'low',
        state: 'succeeded',
        released: true,
        retries: 0,
        statuses: [...WELL.slice(0, -1), 'queued', 'restarting', 'scheduled', 'running', 'succeeded'],
        obstacles: [
          ...start('low', 'h100-train'),
          admitted('low'),
          ...gated('low-node-0-0-4q2qr', 'low-node-0-1-5rw8t'),
          PREEMPTED,
          `2nd of 2 in queue h100-train: ${PREEMPTED}`,
          `1st of 1 in queue h100-train: ${PREEMPTED}`,
          `1st of 1 in queue h100-train: ${NO_QUOTA}`,
          ...gated('low-node-0-0-8svb4', 'low-node-0-1-f74tk'),
        ],
        ended: [{ attempt: 1, as: 'interrupted', because: PREEMPTED, requeued: true }, success(2)],
        pods: [
          seen('low-node-0-0-4q2qr', 1, 'gpu-0', ['00:52:26', '00:52:30'], 32_000),
          seen('low-node-0-1-5rw8t', 1, 'gpu-1', ['00:52:27', '00:52:30'], 24_000),
          seen('low-node-0-0-8svb4', 2, 'gpu-0', ['00:52:37', '00:52:43'], 48_000),
          seen('low-node-0-1-f74tk', 2, 'gpu-1', ['00:52:37', '00:52:43'], 48_000),
        ],
        gpuMilliseconds: 152_000,
      },
      {
        run: 'high',
        state: 'succeeded',
        released: true,
        retries: 0,
        statuses: WELL,
        obstacles: [
          ...start('high', 'h100-train'),
          `1st of 1 in queue h100-train: ${NO_QUOTA}. Pending the preemption of 1 workload(s)`,
          `1st of 2 in queue h100-train: ${NO_QUOTA}. Pending the preemption of 1 workload(s)`,
          admitted('high'),
          ...gated('high-node-0-0-z4jbq', 'high-node-0-1-xlkvc'),
        ],
        ended: [success(1)],
        pods: [
          seen('high-node-0-0-z4jbq', 1, 'gpu-0', ['00:52:30', '00:52:34'], 32_000),
          seen('high-node-0-1-xlkvc', 1, 'gpu-1', ['00:52:30', '00:52:34'], 32_000),
        ],
        gpuMilliseconds: 64_000,
      },
    ],
  },
  {
    // The Workload's spec.active was set to false by a person; the JobSet is only suspended.
    recording: 'stop',
    runs: [
      {
        run: 'a',
        state: 'stopped: The workload is deactivated',
        released: true,
        retries: 0,
        statuses: [...WELL.slice(0, -1), 'stopped'],
        obstacles: [
          ...start('a', 'h100-train'),
          admitted('a'),
          ...gated('a-node-0-0-d656f', 'a-node-0-1-nvx27'),
        ],
        ended: [{ attempt: 1, as: 'interrupted', because: 'The workload is deactivated' }],
        pods: [
          seen('a-node-0-0-d656f', 1, 'gpu-0', ['00:53:03', '00:53:06'], 24_000),
          seen('a-node-0-1-nvx27', 1, 'gpu-1', ['00:53:03', '00:53:06'], 24_000),
        ],
        gpuMilliseconds: 48_000,
      },
    ],
  },
  {
    // The JobSet is gone at once, its pods hold their devices still when the recording ends at 00:53:26.527.
    recording: 'delete',
    runs: [
      {
        run: 'a',
        state: 'running: train',
        released: false,
        retries: 0,
        statuses: WELL.slice(0, -1),
        obstacles: [
          ...start('a', 'h100-train'),
          admitted('a'),
          ...gated('a-node-0-0-6qhdc', 'a-node-0-1-dtvzp'),
        ],
        ended: [],
        pods: [
          open('a-node-0-0-6qhdc', 1, 'gpu-0', ['00:53:24', '00:53:26.527'], 20_216),
          open('a-node-0-1-dtvzp', 1, 'gpu-1', ['00:53:24', '00:53:26.527'], 20_216),
        ],
        gpuMilliseconds: 40_432,
      },
    ],
  },
  {
    recording: 'job',
    owner: 'jobs',
    runs: [
      {
        run: 'plain',
        state: 'succeeded',
        released: true,
        retries: 0,
        statuses: WELL,
        obstacles: [
          ...start('plain', 'h100-train'),
          admitted('plain'),
          ...gated('plain-0-qc24v', 'plain-1-prtg2'),
        ],
        ended: [success(1)],
        pods: [
          seen('plain-0-qc24v', 1, 'gpu-0', ['00:53:31', '00:53:33'], 16_000),
          seen('plain-1-prtg2', 1, 'gpu-1', ['00:53:31', '00:53:33'], 16_000),
        ],
        gpuMilliseconds: 32_000,
      },
    ],
  },
  {
    recording: 'trainjob',
    owner: 'trainjobs',
    runs: [
      {
        run: 's1-32b-bs32k',
        state: 'succeeded',
        released: true,
        retries: 0,
        statuses: WELL,
        obstacles: [
          ...start('s1-32b-bs32k', 'h100-train'),
          admitted('s1-32b-bs32k'),
          ...gated('s1-32b-bs32k-node-0-0-6xxj9', 's1-32b-bs32k-node-0-1-4b842'),
        ],
        ended: [success(1)],
        pods: [
          seen('s1-32b-bs32k-node-0-0-6xxj9', 1, 'gpu-0', ['00:53:38', '00:53:43'], 40_000),
          seen('s1-32b-bs32k-node-0-1-4b842', 1, 'gpu-1', ['00:53:38', '00:53:43'], 40_000),
        ],
        gpuMilliseconds: 80_000,
      },
    ],
  },
  {
    // Kueue takes it back for want of another node; the lost pod ends when its node is back at 00:54:21. Ends at 00:54:25.626.
    recording: 'node-lost',
    runs: [
      {
        run: 'a',
        state: 'running: train, attempt 2',
        released: false,
        retries: 1,
        statuses: [...WELL.slice(0, -1), 'queued', 'restarting', 'scheduled', 'running'],
        obstacles: [
          ...start('a', 'h100-train'),
          admitted('a'),
          ...gated('a-node-0-0-7xq2c', 'a-node-0-1-xdz9z'),
          silent('gpu-1', 'a-node-0-1-xdz9z'),
          NO_REPLACEMENT,
          `1st of 1 in queue h100-train: ${NO_REPLACEMENT}`,
          '1st of 1 in queue h100-train: couldn\'t assign flavors to pod set node: topology "gpu-blocks" allows to fit only 1 out of 2 pod(s)',
          ...gated('a-node-0-0-9bz6h', 'a-node-0-1-fr6xh'),
        ],
        ended: [{ attempt: 1, as: 'infrastructure', because: NO_REPLACEMENT, nodes: ['gpu-1'] }],
        pods: [
          seen('a-node-0-0-7xq2c', 1, 'gpu-0', ['00:53:53', '00:54:10'], 136_000),
          seen('a-node-0-1-xdz9z', 1, 'gpu-1', ['00:53:53', '00:54:21'], 224_000),
          open('a-node-0-0-9bz6h', 2, 'gpu-0', ['00:54:24', '00:54:25.626'], 13_008),
          open('a-node-0-1-fr6xh', 2, 'gpu-1', ['00:54:24', '00:54:25.626'], 13_008),
        ],
        gpuMilliseconds: 386_016,
      },
    ],
  },
  {
    // Without topology nobody acts while the lost pod is Terminating: its peer holds 8 devices for 20 s for nothing.
    recording: 'node-lost-flat',
    runs: [
      {
        run: 'a',
        state: 'running: train, attempt 2',
        released: false,
        retries: 1,
        statuses: [...WELL.slice(0, -1), 'restarting', 'scheduled', 'running'],
        obstacles: [...start('a', 'h100-flat'), admitted('a'), silent('gpu-1', 'a-node-0-0-hrlkn')],
        ended: [
          {
            attempt: 1,
            as: 'infrastructure',
            because:
              'a-node-0-0-hrlkn: DeletionByTaintManager: Taint manager: deleting due to NoExecute taint',
            nodes: ['gpu-1'],
          },
        ],
        pods: [
          seen('a-node-0-0-hrlkn', 1, 'gpu-1', ['00:54:31', '00:55:01'], 240_000),
          seen('a-node-0-1-c5zvh', 1, 'gpu-0', ['00:54:31', '00:55:02'], 248_000),
          open('a-node-0-0-lv4q9', 2, 'gpu-0', ['00:55:03', '00:55:04.244'], 9_952),
          open('a-node-0-1-j525z', 2, 'gpu-1', ['00:55:03', '00:55:04.244'], 9_952),
        ],
        gpuMilliseconds: 507_904,
      },
    ],
  },
  {
    // The node is tainted out-of-service: nobody sees the end of its pod, which is certain at 00:57:47.
    recording: 'node-lost-oos',
    runs: [
      {
        run: 'a',
        state: 'running: train, attempt 2',
        released: false,
        retries: 1,
        statuses: [...WELL.slice(0, -1), 'restarting', 'scheduled', 'running'],
        obstacles: [
          ...start('a', 'h100-flat'),
          admitted('a'),
          silent('gpu-1', 'a-node-0-0-d5k7x'),
          'no node takes a-node-0-1-xzlwx: 0/2 nodes are available: 1 Insufficient memory, 1 Insufficient nvidia.com/gpu, 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
        ],
        ended: [
          {
            attempt: 1,
            as: 'interrupted',
            because: 'a-node-0-0-d5k7x was lost: nobody saw how it ended',
            nodes: ['gpu-1'],
          },
        ],
        pods: [
          {
            ...seen('a-node-0-0-d5k7x', 1, 'gpu-1', ['00:57:09', '00:57:47'], 304_000),
            end: 'doubtful',
          },
          seen('a-node-0-1-xkp7j', 1, 'gpu-0', ['00:57:09', '00:57:48'], 312_000),
          open('a-node-0-0-gpcnb', 2, 'gpu-0', ['00:57:49', '00:58:03.271'], 114_168),
          open('a-node-0-1-xzlwx', 2, 'gpu-1', ['00:58:02', '00:58:03.271'], 10_168),
        ],
        gpuMilliseconds: 740_336,
      },
    ],
  },
  {
    // Its kubelet was slow to report for a second and a half. Rank 1 fails; its peer is asked to end, and ends well.
    recording: 'real-node',
    runs: [
      {
        run: 'rj',
        state: 'succeeded',
        released: true,
        retries: 1,
        statuses: [...WELL.slice(0, -1), 'restarting', 'scheduled', 'running', 'succeeded'],
        obstacles: [
          ...start('rj', 'real'),
          admitted('rj'),
          ...creating('rj-node-0-0-4mftj', 'rj-node-0-1-25sd5'),
          silent('real-0', 'rj-node-0-1-25sd5'),
          silent('real-0', 'rj-node-0-0-4mftj'),
          ...creating('rj-node-0-0-tbnpc', 'rj-node-0-1-s4khh'),
        ],
        ended: [{ attempt: 1, as: 'unknown', because: exited('rj-node-0-1-25sd5', 3) }, success(2)],
        pods: [
          seen('rj-node-0-0-4mftj', 1, 'real-0', ['00:58:39', '00:58:42'], 24_000),
          seen('rj-node-0-1-25sd5', 1, 'real-0', ['00:58:39', '00:58:40'], 8_000),
          seen('rj-node-0-0-tbnpc', 2, 'real-0', ['00:58:43', '00:58:46'], 24_000),
          seen('rj-node-0-1-s4khh', 2, 'real-0', ['00:58:43', '00:58:46'], 24_000),
        ],
        gpuMilliseconds: 80_000,
      },
    ],
  },
  {
    recording: 'one',
    runs: [
      {
        run: 'one',
        state: 'succeeded',
        released: true,
        retries: 0,
        statuses: WELL,
        obstacles: [
          ...start('one', 'real'),
          admitted('one'),
          ...creating('one-node-0-0-lr4tf', 'one-node-0-1-zs5dd'),
          silent('real-0', 'one-node-0-0-lr4tf'),
          silent('real-0', 'one-node-0-1-zs5dd'),
        ],
        ended: [success(1)],
        pods: [
          seen('one-node-0-0-lr4tf', 1, 'real-0', ['01:42:42', '01:43:10'], 224_000),
          seen('one-node-0-1-zs5dd', 1, 'real-0', ['01:42:42', '01:43:10'], 224_000),
        ],
        gpuMilliseconds: 448_000,
      },
    ],
  },
  {
    // Rank 1 is killed by kill -9; rank 0 fails of it with exit code 1, and is not to blame.
    recording: 'killed',
    runs: [
      {
        run: 'killed',
        state: 'succeeded',
        released: true,
        retries: 1,
        statuses: [...WELL.slice(0, -1), 'restarting', 'scheduled', 'running', 'succeeded'],
        obstacles: [
          ...start('killed', 'real'),
          admitted('killed'),
          ...creating('killed-node-0-0-bqcd4', 'killed-node-0-1-4gs4h'),
          ...creating('killed-node-0-0-s8gms', 'killed-node-0-1-48dnz'),
        ],
        ended: [
          {
            attempt: 1,
            as: 'infrastructure',
            because: 'killed-node-0-1-4gs4h was ended by SIGKILL and left no message; its log says more',
            nodes: ['real-0'],
          },
          success(2),
        ],
        pods: [
          seen('killed-node-0-0-bqcd4', 1, 'real-0', ['01:43:15', '01:43:38'], 184_000),
          seen('killed-node-0-1-4gs4h', 1, 'real-0', ['01:43:15', '01:43:35'], 160_000),
          seen('killed-node-0-0-s8gms', 2, 'real-0', ['01:43:40', '01:43:57'], 136_000),
          seen('killed-node-0-1-48dnz', 2, 'real-0', ['01:43:40', '01:43:57'], 136_000),
        ],
        gpuMilliseconds: 616_000,
      },
    ],
  },
  {
    recording: 'four',
    runs: [
      {
        run: 'four',
        state: 'succeeded',
        released: true,
        retries: 0,
        statuses: WELL,
        obstacles: [
          ...start('four', 'real'),
          admitted('four'),
          ...creating('four-node-0-0-499w5', 'four-node-0-1-s2z5w'),
        ],
        ended: [success(1)],
        pods: [
          seen('four-node-0-0-499w5', 1, 'real-0', ['01:44:21', '01:45:02'], 328_000),
          seen('four-node-0-1-s2z5w', 1, 'real-0', ['01:44:21', '01:45:02'], 328_000),
        ],
        gpuMilliseconds: 656_000,
      },
    ],
  },
];
