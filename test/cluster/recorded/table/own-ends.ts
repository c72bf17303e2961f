import {
  admitted,
  creating,
  exited,
  gated,
  type Recorded,
  seen,
  silent,
  start,
  success,
  WELL,
} from './row.ts';

/** What recordings of jobs that came to their own ends have to come to, from raw times and what controllers said. */
export const OWN_ENDS: readonly Recorded[] = [
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
        state: `failed in train: ${exited('train-a3-0 (a-node-0-0-vqhmh)', 1)}`,
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
          { attempt: 2, as: 'unknown', because: exited('train-a2-0 (a-node-0-0-5hsg7)', 1) },
          { attempt: 3, as: 'unknown', because: exited('train-a3-0 (a-node-0-0-vqhmh)', 1) },
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
          ...creating('train-a2-0 (rj-node-0-0-tbnpc)', 'train-a2-1 (rj-node-0-1-s4khh)'),
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
          ...creating('train-a2-0 (killed-node-0-0-s8gms)', 'train-a2-1 (killed-node-0-1-48dnz)'),
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
