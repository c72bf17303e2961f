import { expect, test } from 'vitest';
import type { LogLine } from '../../orchestrator/contract/streams.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { localLogs } from '../../orchestrator/operations/local-logs.ts';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { pod } from '../run/fixtures.ts';
import { workplaceOfTests } from './stint-contract.ts';

const RUN = 'r-0000';
const OWNER = { name: 'owner', role: 'admin', team: null } as const;

/** A cluster that says at once when it has a pod more. */
function tellingCluster() {
  const pods: PodFacts[] = [];
  const waiting = new Set<() => void>();
  const counts = { asked: 0 };
  const cluster = {
    outlives: true,
    watch: async function* (_: string, { signal }: { readonly signal: AbortSignal }) {
      counts.asked += 1;
      while (!signal.aborted) {
        yield { pods: [...pods], jobs: [] };
        await new Promise<void>((resolve) => {
          waiting.add(resolve);
          signal.addEventListener('abort', () => resolve());
        });
      }
    },
    logs: async function* (name: string) {
      yield { at: 1, text: `printed by ${name}` };
    },
  } as unknown as Cluster;
  const add = (facts: PodFacts): void => {
    pods.push(facts);
    for (const wake of waiting) wake();
    waiting.clear();
  };
  return { cluster, add, counts };
}

/** No time passes: only what happens can wake anybody. */
const sleep: Workplace['sleep'] = (_, signal) =>
  new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve());
  });

async function follow() {
  const { cluster, add, counts } = tellingCluster();
  const keptLogs = { open: () => Promise.reject(new Error('nothing is kept')), of: async () => [] };
  const workplace = { ...(await workplaceOfTests()), clusterFor: async () => cluster, keptLogs, sleep };
  const lines: LogLine[] = [];
  const ended = new AbortController();
  const printed = Promise.withResolvers<void>();
  const onLine = (line: LogLine): void => {
    lines.push(line);
    printed.resolve();
  };
  const query = { follow: true, signal: ended.signal, onLine, onNote: () => undefined };
  const state = localLogs({ workplace, caller: OWNER })(RUN, query);
  return { workplace, add, counts, lines, printed: printed.promise, ended, state };
}

const turns = async () => {
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('who follows the logs of a run without pods asks nothing until its cluster or its store tells of it', async () => {
  const { workplace, add, counts, lines, printed, state } = await follow();
  await turns();
  const before = counts.asked;
  await turns();
  expect(counts.asked).toBe(before);
  add(pod({ run: RUN, endedAt: 2, phase: 'succeeded' }));
  await printed;
  expect(lines.map(({ text }) => text)).toEqual([`printed by ${pod().name}`]);
  await workplace.store.runs.append(RUN, 0, workplace.now(), [{ type: 'stopped', message: 'by hand' }]);
  expect(await state).toEqual({ kind: 'stopped', message: 'by hand' });
});

test('who has enough is let go at once', async () => {
  const { ended, state } = await follow();
  await turns();
  ended.abort();
  expect(await state).toBeNull();
});
