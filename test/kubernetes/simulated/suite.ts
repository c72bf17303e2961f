import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { lookAtRun } from '../../../orchestrator/controller/look-at-run.ts';
import { jobName } from '../../../orchestrator/render/names.ts';
import { type Attempt, attemptsOf } from '../../../orchestrator/run/attempts.ts';
import { foldRun } from '../../../orchestrator/run/evolve.ts';
import type { RunRecord } from '../../../orchestrator/run/run-record.ts';
import type { Run } from '../../../orchestrator/run/state.ts';
import { until } from '../../end-to-end/stint.ts';
import { replaceNode } from '../faults/delete-node.ts';
import { findNode } from '../faults/lose-node.ts';
import { kubectl } from '../kubectl.ts';
import { type PodRecords, recordPods } from './pod-records.ts';
import {
  heldTwice,
  IN,
  kept,
  NAMESPACE,
  openSimulated,
  prepareNamespace,
  type Simulated,
  type SimulatedCluster,
} from './simulated-runs.ts';

export interface Suite {
  /** A store and an adapter of this test's own. */
  readonly open: (cluster?: SimulatedCluster) => Promise<Simulated>;
  /** The run is over, the cluster keeps nothing of it, and its ledger is that of the API server's own records. */
  readonly expectSettled: (here: Simulated, record: RunRecord) => Promise<Settled>;
}

export interface Settled {
  readonly run: Run;
  readonly attempts: readonly Attempt[];
  /** Of training: one entry a pod, in order of time. */
  readonly held: readonly {
    readonly attempt: number;
    readonly node: string;
    readonly end: string;
    readonly seconds: number;
    /** Beside them. */
    readonly doubtfulSeconds: number;
  }[];
}

/** A run that trains in two pods, made to go on as `sim` says, and that nobody works on. */
export async function unattended(
  { open }: Pick<Suite, 'open'>,
  sim: Readonly<Record<string, string>>,
): Promise<{ readonly here: Simulated; readonly record: RunRecord }> {
  const here = await open();
  const record = await here.launch({ small: true, backend: { onePodPerNode: false }, sim });
  const leave = new AbortController();
  const { done } = here.control(record, { interrupt: leave.signal });
  await untilTraining(here, record);
  leave.abort();
  await done;
  return { here, record };
}

/** For a test file on the simulated nodes: what it opens is closed after each test. */
export function simulatedSuite(): Suite {
  let records: PodRecords;
  let restore: () => Promise<void>;
  const opened: Simulated[] = [];
  beforeAll(async () => {
    records = await recordPods(NAMESPACE);
    restore = await prepareNamespace();
  });
  beforeEach(nodesReady);
  afterEach(async () => {
    for (const here of opened.splice(0)) await here.close();
  });
  afterAll(async () => {
    await nodesReady();
    records.stop();
    await restore();
  });
  return {
    open: async (cluster) => {
      const here = await openSimulated(cluster);
      opened.push(here);
      return here;
    },
    expectSettled: async ({ workplace }, { id }) => {
      const { ledger, apiServer, pods } = await heldTwice(workplace, records, id);
      // As text, so that a message that is passed on says in what they differ.
      expect(JSON.stringify(ledger, null, 1)).toBe(JSON.stringify(apiServer, null, 1));
      expect(ledger.length).toBeGreaterThan(0);
      expect((await kept(id)).join()).toBe('');
      const events = await workplace.store.runs.events(id);
      const train = pods.filter(({ stage }) => stage === 'train');
      return {
        run: foldRun(events),
        attempts: attemptsOf(events),
        held: train.map(({ attempt, node, end, from, to, doubtUntil }) => ({
          attempt,
          node,
          end,
          seconds: (to - from) / 1000,
          doubtfulSeconds: (doubtUntil - to) / 1000,
        })),
      };
    },
  };
}

/** A test that failed may have left them otherwise. */
async function nodesReady(): Promise<void> {
  for (const node of ['gpu-0', 'gpu-1']) {
    if ((await kubectl(['get', 'node', node, '--ignore-not-found', '--output=name'])) === '')
      await replaceNode(node);
    await kubectl(['uncordon', node]);
    await kubectl(['taint', 'node', node, `${OUT_OF_SERVICE}-`]).catch(() => '');
    await findNode(node);
  }
}

export const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** Its training runs in both pods, as that attempt. */
export const untilTraining = ({ workplace }: Simulated, record: RunRecord, attempt = 1): Promise<void> =>
  until(
    `attempt ${attempt} trains`,
    async () => {
      const { seen } = await lookAtRun(workplace, record);
      const gang = seen?.pods.filter((pod) => pod.stage === 'train' && pod.attempt === attempt) ?? [];
      return gang.length === 2 && gang.every(({ phase }) => phase === 'running');
    },
    60,
  );

/** What keeps it from going on comes to say this. */
export async function untilObstacle(
  { workplace }: Simulated,
  record: RunRecord,
  says: RegExp,
  seconds = 60,
): Promise<string> {
  const said = new Set<string>();
  for (const end = Date.now() + seconds * 1_000; Date.now() < end; ) {
    const { obstacles } = await lookAtRun(workplace, record);
    for (const { what } of obstacles) said.add(what);
    const found = obstacles.map(({ what }) => what).find((what) => says.test(what));
    if (found !== undefined) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`not within ${seconds} s: it waits for ${says}; it waited for: ${[...said].join('; ')}`);
}

/** Of a training launch. */
export const trainJob = ({ id }: RunRecord, launch = 1): string => jobName(id, 'train', launch);

/** Names of the live pods of a training launch on a node. */
export async function podsOn(record: RunRecord, node: string, launch = 1): Promise<readonly string[]> {
  const names = await kubectl([
    'get',
    'pods',
    IN,
    `--selector=stint.dev/job=${trainJob(record, launch)}`,
    `--field-selector=spec.nodeName=${node},status.phase=Running`,
    '--output=name',
  ]);
  return names.split('\n').filter(Boolean);
}
