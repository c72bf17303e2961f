import { expect, test } from 'vitest';
import { observeRun } from '../../orchestrator/controller/observe-run.ts';
import { MAX_TRIES } from '../../orchestrator/controller/retry-policy.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import { boundAndEndedFacts, missedFacts } from '../../orchestrator/ledger/phase-facts.ts';
import { statement } from '../../orchestrator/ledger/statement.ts';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';
import { watchedTo } from '../ledger/watched-to.ts';
import { pod } from '../run/fixtures.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';

test('a pod of the ledger whose record was taken away while nobody looked is missed once, and has held until its last sign of life; the rest is in doubt', async () => {
  const clock = new VirtualClock(60_000);
  const there = pod({ uid: 'there', boundAt: 1_000 });
  const missing = pod({ uid: 'missing', boundAt: 1_000, startedAt: 2_000 });
  const seen = { jobs: [], pods: [there] };
  async function* watch() {
    yield seen;
    await clock.sleep(5_000);
    yield { ...seen };
  }
  const cluster = { watch, logs: async function* () {} } as unknown as Cluster;
  const missed: string[] = [];
  let changes = 0;
  const handlers = {
    onPods: async () => undefined,
    onMissing: async (uids: readonly string[]) => void missed.push(...uids),
    onEvents: async () => undefined,
    onWarning: () => undefined,
    onChange: () => {
      changes += 1;
    },
  };
  const known = new Map(
    [there, missing].map(({ uid, stage, attempt, boundAt }) => [
      uid,
      { stage, attempt, boundAt, endedAt: undefined },
    ]),
  );
  const stop = new AbortController();
  observeRun(cluster, clock, 'r1', handlers, known, stop.signal);
  await clock.passUntil(() => changes === 2, 60_000);
  stop.abort();
  expect(missed).toEqual(['missing']);

  const facts = [...boundAndEndedFacts(missing, {}), ...missedFacts('r1', ['missing'], 60_000)];
  expect(statement(facts, watchedTo(10 * 60_000)).pods).toMatchObject([
    { to: 2_000, end: 'doubtful', gpuMilliseconds: 1_000 * 8, doubtfulMilliseconds: 58_000 * 8 },
  ]);
});

const REFUSED = new StintError({
  code: 'cluster-forbidden',
  what: 'the user "ann" may not watch pods',
  todo: 'ask for a role that allows it',
});

/** What becomes of a run whose every watch shows it and breaks off after so long with a refusal. */
async function watchedFor(milliseconds: number, looks: number) {
  const clock = new VirtualClock(60_000);
  let tries = 0;
  async function* watch() {
    tries += 1;
    yield { jobs: [], pods: [] };
    await clock.sleep(milliseconds);
    throw REFUSED;
  }
  const cluster = { watch, logs: async function* () {} } as unknown as Cluster;
  const warnings: string[] = [];
  const handlers = {
    onPods: async () => undefined,
    onMissing: async () => undefined,
    onEvents: async () => undefined,
    onWarning: (message: string) => void warnings.push(message),
    onChange: () => undefined,
  };
  const stop = new AbortController();
  const observer = observeRun(cluster, clock, 'r1', handlers, new Map(), stop.signal);
  await clock.passUntil(() => tries > looks || observer.refusal() !== undefined, 3_600_000);
  stop.abort();
  return { tries, warnings, refusal: observer.refusal() };
}

test('a watch that shows something and is refused at once is said once and given up: it has never worked', async () => {
  const { tries, warnings, refusal } = await watchedFor(200, 20);
  expect([tries, warnings.length, refusal]).toEqual([MAX_TRIES, 1, { error: REFUSED }]);
});

test('one that has lasted is not given up for being refused after it, and says so each time', async () => {
  const { tries, warnings, refusal } = await watchedFor(60_000, 20);
  expect([tries, warnings.length, refusal]).toEqual([21, 20, undefined]);
});
