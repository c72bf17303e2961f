import { admitted, gated, open, type Recorded, seen, silent, start, success, WELL } from './row.ts';

const NO_QUOTA =
  "couldn't assign flavors to pod set node: insufficient unused quota for memory in flavor h100, 304Gi more needed, insufficient unused quota for nvidia.com/gpu in flavor h100, 16 more needed";
const PREEMPTED =
  'Preempted to accommodate a workload (UID: 4f305162-1691-4518-b4d3-2fb71272122f, JobUID: b81e3a93-32e8-4950-881c-61d53d586eb2) due to prioritization in the ClusterQueue; preemptor path: /h100; preemptee path: /h100';
const NO_REPLACEMENT = 'Workload was evicted as there was no replacement for unhealthy node(s): gpu-1';

/** The same of jobs that waited, were taken back, stopped or deleted, or lost a node. */
export const ENDED_BY_OTHERS: readonly Recorded[] = [
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
    // The node is tainted out-of-service: nobody sees the end of its pod, which is certain at 00:57:47. Without its log its start was its last sign of life.
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
            because:
              'a-node-0-0-d5k7x: DeletionByTaintManager: Taint manager: deleting due to NoExecute taint',
            nodes: ['gpu-1'],
          },
        ],
        pods: [
          {
            ...seen('a-node-0-0-d5k7x', 1, 'gpu-1', ['00:57:09', '00:57:10'], 8_000),
            end: 'doubtful',
          },
          seen('a-node-0-1-xkp7j', 1, 'gpu-0', ['00:57:09', '00:57:48'], 312_000),
          open('a-node-0-0-gpcnb', 2, 'gpu-0', ['00:57:49', '00:58:03.271'], 114_168),
          open('a-node-0-1-xzlwx', 2, 'gpu-1', ['00:58:02', '00:58:03.271'], 10_168),
        ],
        gpuMilliseconds: 444_336,
      },
    ],
  },
];
