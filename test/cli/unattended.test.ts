import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ls as budgets } from '../../orchestrator/cli/commands/budgets/ls.ts';
import { cost } from '../../orchestrator/cli/commands/cost.ts';
import { release } from '../../orchestrator/cli/commands/release.ts';
import { show } from '../../orchestrator/cli/commands/runs/show.ts';
import { realClock } from '../../orchestrator/controller/clock.ts';
import { runManifests } from '../../orchestrator/controller/run-manifests.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';
import type { Observation } from '../../orchestrator/run/job-facts.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { pod } from '../run/fixtures.ts';
import { boundFact, listedPrice, runRecord, temporaryFolder } from '../store/fixtures.ts';
import { commandContext } from './command-context.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 27, 12);
const RUN = 'r-000000000001';

/** A run of 16 devices that was launched at noon and whose controller is gone, on a cluster that shows these pods. */
async function left(pods: readonly PodFacts[] | 'silent') {
  const store = await openStore(join(temporaryFolder(), 'stint.db'));
  onTestFinished(() => store.close());
  let at = NOON + HOUR;
  let seen = pods;
  let isReleasing = false;
  const profile = await loadProfile('h100-16');
  const recipe = { ...runRecord().recipe, team: 'red' };
  await store.runs.create([
    runRecord({ id: RUN, ablation: null, factor: null, profile: { ...profile, grace: 1 }, recipe }),
  ]);
  await store.runs.append(RUN, 0, NOON, [{ type: 'stage-launched', stage: 'train', attempt: 1 }]);
  await store.budgets.apply([{ name: 'red', team: 'red', period: 'month', gpuHours: 100 }], 1);
  const observation = (): Observation => ({ jobs: [], pods: seen as readonly PodFacts[] });
  const cluster = {
    outlives: true,
    queues: false,
    watch: async function* (_: string, { signal }: { readonly signal: AbortSignal }) {
      if (seen === 'silent') throw new Error('the API server has not answered for some seconds');
      yield observation();
      while (!signal.aborted) {
        await realClock.sleep(5, signal);
        // Pods of which nobody sees the end are waited for until their time is over.
        if (isReleasing) at += 500;
        yield observation();
      }
    },
    logs: async function* () {},
  } as unknown as Cluster;
  const folder = temporaryFolder();
  const workplace = {
    ...realClock,
    store,
    now: () => at,
    sleep: (milliseconds: number, signal?: AbortSignal) => {
      // Whoever waits for an answer is not answered by the clock.
      if (milliseconds < 1_000) at += milliseconds;
      return realClock.sleep(milliseconds < 1_000 ? 5 : milliseconds, signal);
    },
    clusterFor: async () => cluster,
    workFolder: () => '/work',
    manifests: runManifests(() => folder),
    keptLogs: { open: async () => ({ append: async () => undefined }), of: async () => [] },
    priceOf: listedPrice,
    log: { info: () => undefined, warn: () => undefined },
    owner: 'a person',
    pid: 1,
    host: null,
    isAlive: () => false,
  } as unknown as Workplace;
  const { context, printed, told } = commandContext({
    openWorkplace: async () => workplace,
    leftovers: () => ({
      find: async () => {
        const of = seen === 'silent' ? [] : seen;
        const leftPod = ({ uid, name, node, devices, endedAt }: PodFacts) => ({
          uid,
          name,
          node,
          devices,
          alive: endedAt === undefined,
          gpuMilliseconds: 0,
        });
        return { owners: [], pods: of.map(leftPod) };
      },
      release: async (ended) => {
        isReleasing = true;
        await ended?.();
        isReleasing = false;
        seen = [];
      },
    }),
  });
  const json = async (act: () => Promise<number>) => {
    printed.length = 0;
    expect(await act()).toBe(0);
    return JSON.parse(printed.join('\n'));
  };
  const held = async () => {
    const shown = await json(() => show(RUN, { json: true }, context));
    const costs = await json(() => cost([], { json: true }, context));
    const [line] = (await json(() => budgets({ json: true }, context))).budgets;
    const doubt = costs.reduce(
      (sum: number, row: { doubtfulGpuMilliseconds: number }) => sum + row.doubtfulGpuMilliseconds,
      0,
    );
    const charged = costs.reduce(
      (sum: number, row: { gpuMilliseconds: number }) => sum + row.gpuMilliseconds,
      0,
    );
    return {
      show: shown.gpuMilliseconds / HOUR,
      cost: charged / HOUR,
      budget: line.used / HOUR,
      budgetInShow: shown.budgets[0].used / HOUR,
      doubt: [shown.doubtfulGpuMilliseconds / HOUR, doubt / HOUR],
    };
  };
  const all = (hours: number, doubt = 0) => ({
    show: hours,
    cost: hours,
    budget: hours,
    budgetInShow: hours,
    doubt: [doubt, doubt],
  });
  return {
    store,
    context,
    told,
    printed,
    held,
    all,
    later: (hours: number) => {
      at += hours * HOUR;
    },
  };
}

const gang = (facts: Partial<PodFacts>) =>
  [0, 1].map((index) => pod({ uid: `u${index}`, run: RUN, index, boundAt: NOON, startedAt: NOON, ...facts }));

test('of a run that nobody works on every command shows what its cluster shows, and records none of it', async () => {
  const { store, held, all, later } = await left(gang({}));
  expect(await held()).toEqual(all(16));
  later(1);
  expect(await held()).toEqual(all(32));
  expect(await store.ledger.facts()).toEqual([]);
});

test('pods that have ended since are held until their ends, not until somebody looks', async () => {
  const { held, all, later } = await left(
    gang({ phase: 'failed', endedAt: NOON + HOUR / 2, retained: true }),
  );
  later(5);
  expect(await held()).toEqual(all(8));
});

test('pods that are gone without an end, or cannot be seen, are held until their last sign of life; the rest is in doubt', async () => {
  for (const pods of [[], 'silent'] as const) {
    const { store, held, all, later, told } = await left(pods);
    await store.ledger.record([boundFact(RUN, 'u0', NOON)]);
    await store.steps.record(RUN, [
      { attempt: 1, step: 1, at: NOON + HOUR / 4, loss: 1, tokens: 1, seconds: 1 },
    ]);
    expect(await held()).toMatchObject(all(2, 6));
    later(1);
    expect(await held()).toMatchObject({ ...all(2), doubt: [14, 14] });
    expect(told.join('\n').includes('the cluster cannot be seen')).toBe(pods === 'silent');
  }
});

test('a release leaves the store knowing it: the run is at rest, and nothing grows any more', async () => {
  const { context, told, held, later, store } = await left(gang({}));
  await expect(release(RUN, {}, context)).rejects.toThrow('nothing was released');
  expect(await release(RUN, { yes: true }, context)).toBe(0);
  expect(told.at(-1)).toMatch(
    // The last look tells of the time before a silent node would be noticed: 50 s of 16 devices are in doubt.
    /^r-000000000001: released\. 15\.\d device-hours that it held are in the ledger; 0\.222 device-hours beside it are in doubt/,
  );
  const after = await held();
  expect(after.show).toBeGreaterThanOrEqual(15.7);
  expect(after.show).toBeLessThan(16);
  later(24);
  expect(await held()).toEqual(after);
  const types = (await store.runs.events(RUN)).map(({ event }) => event.type);
  expect(types).toEqual(['stage-launched', 'attempt-ended', 'stopped', 'released']);
  await expect(release(RUN, { yes: true }, context)).rejects.toThrow('keeps nothing of a run');
});

test('a run whose objects were taken away by others is brought to rest by a release, with what was last known of it', async () => {
  const { store, context, held, later } = await left([]);
  await store.ledger.record([boundFact(RUN, 'u0', NOON)]);
  later(5);
  expect(await release(RUN, { yes: true }, context)).toBe(0);
  const after = await held();
  expect(after.show).toBe(0);
  later(24);
  expect(await held()).toEqual(after);
});
