import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { ownersIn, podsIn } from '../../../cluster/kubernetes/api/places.ts';
import type { RunRecord } from '../../../orchestrator/run/run-record.ts';
import { type ApiProxy, apiProxy } from '../../kubernetes/faults/api-proxy.ts';
import { kubectlGet } from '../../kubernetes/kubectl.ts';
import { testClient } from '../../kubernetes/open-kubernetes.ts';
import { newPerson } from '../../kubernetes/person.ts';
import { rulesFor } from '../../kubernetes/prescribed.ts';
import { IN, NAMESPACE, type Simulated } from '../../kubernetes/simulated/simulated-runs.ts';
import { simulatedSuite, unattended } from '../../kubernetes/simulated/suite.ts';

const suite = simulatedSuite();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Runs that have ended and whose records stay for a day. */
const ENDED = 500;
const STAGES = ['prepare', 'train', 'export', 'evaluate'];
/** How long a process that works on the run is looked at. */
const SECONDS = 60;

interface Looked {
  readonly lists: number;
  readonly watches: number;
  /** Of the API server's answers, as they come over the wire. */
  readonly megabytes: number;
  /** Lists by what is listed, for who wonders where they come from. */
  readonly listed: Readonly<Record<string, number>>;
}

test('what a process asks and reads of its run does not grow with the runs that have ended beside it', async () => {
  const { here, record } = await unattended(suite, { 'sim/hang': 'true' });
  const alone = await lookedAt(here, record);
  await layEnded(record);
  const among = await lookedAt(here, record);
  console.log(JSON.stringify({ ended: ENDED, seconds: SECONDS, alone, among }));
  for (const command of ['show', 'work'] as const) {
    // A busy API server may break watches off, which then list again: once more, not as often as runs have ended.
    expect(among[command].lists).toBeLessThanOrEqual(2 * alone[command].lists + 2);
    expect(among[command].watches).toBeLessThanOrEqual(2 * alone[command].watches + 2);
    expect(among[command].megabytes).toBeLessThanOrEqual(1.5 * alone[command].megabytes + 0.1);
  }
});

/** By `runs show`, and by a process that works on the run for a minute. */
async function lookedAt(here: Simulated, record: RunRecord) {
  const wire = await apiProxy();
  ends.push(wire.close);
  const show = await asked(wire, record, async (person) => {
    expect(await person.stint(here.home, 'runs', 'show', record.id)).toMatchObject({ code: 0 });
  });
  const work = await asked(wire, record, async (person) => {
    const working = person.start(here.home, 'runs', 'resume', record.id, '--wait');
    await sleep(SECONDS * 1_000);
    working.kill('SIGINT');
    await working;
  });
  return { show, work };
}

type Person = Awaited<ReturnType<typeof newPerson>>;

async function asked(
  wire: ApiProxy,
  record: RunRecord,
  act: (person: Person) => Promise<void>,
): Promise<Looked> {
  const person = await newPerson(wire.url);
  await person.allow(NAMESPACE, rulesFor(record));
  const before = wire.read();
  await act(person);
  const requests = (await person.requests()).filter(({ code }) => code < 400);
  const count = (verb: string) => requests.filter(({ right }) => right.startsWith(`${verb} `)).length;
  const megabytes = Number(((wire.read() - before) / 1e6).toFixed(3));
  const listed: Record<string, number> = {};
  for (const { right } of requests) if (right.startsWith('list ')) listed[right] = (listed[right] ?? 0) + 1;
  return { lists: count('list'), watches: count('watch'), megabytes, listed };
}

/** Keeps what takes ended pods away when they are many from doing so. */
const KEPT = 'stint.dev/kept-by-test';
/** By this label they are taken away together. */
const LAID = 'laid-by-test';

interface Found {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: object;
  readonly status: object;
}

/** Copies of what the run's first stage has left, with the names of other runs and four stages each. */
async function layEnded(record: RunRecord): Promise<void> {
  const ofPrepare = `--selector=stint.dev/run=${record.id},stint.dev/stage=prepare`;
  const found = async (kind: string): Promise<Found> => {
    const { items } = (await kubectlGet(kind, IN, ofPrepare)) as unknown as { readonly items: Found[] };
    const [first] = items;
    if (first === undefined) throw new Error(`prepare has left no ${kind}`);
    return first;
  };
  const [job, pod] = await Promise.all([found('jobsets'), found('pods')]);
  const names = Array.from({ length: ENDED }, (_, index) => `ended-${index}`).flatMap((run) =>
    STAGES.map((stage) => ({ run, stage })),
  );
  ends.push(() => takeAway(names.map(nameOf)));
  await inTurns(names, async (name) => {
    // Nobody's: no controller makes anything of it.
    const spec = { ...job.spec, managedBy: 'stint.dev/nobody' };
    await make(ownersIn('jobset', NAMESPACE), copyOf(job, name, { spec }));
    await make(podsIn(NAMESPACE), copyOf(pod, name, { spec: { ...pod.spec, nodeName: undefined } }));
  });
}

const nameOf = ({ run, stage }: { readonly run: string; readonly stage: string }) => `${run}-${stage}-a1`;

/** With the labels of its own run, which keep it apart from the one that is looked at. */
function copyOf(
  { metadata, status, ...rest }: Found,
  of: { readonly run: string; readonly stage: string },
  { spec }: { readonly spec: object },
) {
  const labels = Object.fromEntries(
    Object.entries(metadata.labels).filter(([key]) => key.startsWith('stint.dev/')),
  );
  const own = { 'stint.dev/run': of.run, 'stint.dev/stage': of.stage, 'stint.dev/job': nameOf(of) };
  return {
    ...rest,
    metadata: {
      name: nameOf(of),
      namespace: NAMESPACE,
      labels: { ...labels, ...own, [LAID]: '' },
      // What steers the pods of this suite sets annotations, and finds some here.
      annotations: { [KEPT]: 'true' },
      ...('containers' in spec && { finalizers: [KEPT] }),
    },
    spec: { ...spec, ...('schedulerName' in spec && { schedulerName: 'nobody' }) },
    status,
  };
}

const signal = AbortSignal.timeout(1_100_000);

async function make(path: string, object: { readonly metadata: { readonly name: string } }): Promise<void> {
  const client = testClient();
  const contentType = 'application/json';
  await client.json({ method: 'POST', path, contentType, body: object, signal });
  await client.json({
    method: 'PATCH',
    path: `${path}/${object.metadata.name}/status`,
    contentType: 'application/merge-patch+json',
    body: { status: (object as unknown as Found).status },
    signal,
  });
}

async function takeAway(names: readonly string[]): Promise<void> {
  const client = testClient();
  const contentType = 'application/merge-patch+json';
  const body = { metadata: { finalizers: null } };
  await inTurns(names, async (name) => {
    const path = `${podsIn(NAMESPACE)}/${name}`;
    // One that was never made is as wanted.
    await client.json({ method: 'PATCH', path, contentType, body, signal }).catch(() => undefined);
  });
  for (const path of [ownersIn('jobset', NAMESPACE), podsIn(NAMESPACE)])
    await client.json({ method: 'DELETE', path, query: { labelSelector: LAID }, signal });
}

/** A few at a time. */
async function inTurns<T>(all: readonly T[], act: (each: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const one = async () => {
    for (let each = left.shift(); each !== undefined; each = left.shift()) await act(each);
  };
  await Promise.all(Array.from({ length: 16 }, one));
}
