import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { JOB_UID } from '../../cluster/kubernetes/objects/workload.ts';
import { NamespaceSets, type Part } from '../../cluster/kubernetes/observe/namespace-sets.ts';
import type { WatchedSet } from '../../cluster/kubernetes/observe/objects-by-uid.ts';

const RUNS = ['r-a', 'r-b', 'r-c'];
const TIME = '2026-01-01T00:00:00Z';

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(TIME) + 3_600_000 }));
afterEach(() => void vi.useRealTimers());

type Made = { readonly metadata: { readonly uid: string } };
interface Told {
  readonly part: Part;
  readonly uid: string;
  /** Undefined: it is deleted. */
  readonly object: Made | undefined;
}

const labelsOf = (run: string, job: string) => ({
  'stint.dev/run': run,
  'stint.dev/stage': 'train',
  'stint.dev/job': job,
  'kueue.x-k8s.io/queue-name': 'q',
});

const run = fc.constantFrom(...RUNS);
const launch = fc.constantFrom(1, 2);
/** Most jobs are there and at work, so that there is something to tell of them. */
const seldom = fc.integer({ min: 0, max: 7 }).map((drawn) => drawn === 7);
const condition = (type: string, status: boolean) => ({
  type,
  status: status ? 'True' : 'False',
  reason: 'R',
  message: 'm',
  lastTransitionTime: TIME,
});

const job = fc
  .record({ run, launch, ended: seldom, kept: fc.boolean(), gone: seldom })
  .map(({ run: of, launch: number, ended, kept, gone }): Told => {
    const [uid, name] = [`j-${of}-${number}`, `${of}-train-a${number}`];
    const finalizers = kept ? ['stint.dev/usage-settled'] : [];
    const metadata = { uid, name, labels: labelsOf(of, name), finalizers, creationTimestamp: TIME };
    const conditions = ended ? [condition('Complete', true)] : [];
    const object = { kind: 'Job', metadata, spec: { suspend: false }, status: { conditions } };
    return { part: 'jobs', uid, object: gone ? undefined : object };
  });

const workload = fc
  .record({
    run,
    launch,
    priority: fc.constantFrom(0, 10),
    state: fc.constantFrom('waits', 'waits', 'admitted', 'finished', 'gone'),
    queue: fc.constantFrom('q', 'p'),
  })
  .map(({ run: of, launch: number, priority, state, queue }): Told => {
    const uid = `w-${of}-${number}`;
    const labels = { [JOB_UID]: `j-${of}-${number}` };
    const metadata = { uid, name: uid, labels, creationTimestamp: TIME };
    const conditions = [
      condition('QuotaReserved', state !== 'waits'),
      ...(state === 'waits' ? [] : [condition('Admitted', true)]),
      ...(state === 'finished' ? [condition('Finished', true)] : []),
    ];
    const object = { metadata, spec: { queueName: queue, priority }, status: { conditions } };
    return { part: 'workloads', uid, object: state === 'gone' ? undefined : object };
  });

const pod = fc
  .record({
    run,
    launch,
    index: fc.constantFrom(0, 1),
    state: fc.constantFrom('unbound', 'runs', 'ended', 'gone'),
  })
  .map(({ run: of, launch: number, index, state }): Told => {
    const [uid, name] = [`p-${of}-${number}-${index}`, `${of}-train-a${number}`];
    const finalizers = ['stint.dev/usage-settled'];
    const metadata = {
      uid,
      name: `${name}-${index}`,
      labels: { ...labelsOf(of, name), 'batch.kubernetes.io/job-completion-index': `${index}` },
      finalizers,
      creationTimestamp: TIME,
    };
    const bound = state !== 'unbound';
    const running = { running: { startedAt: TIME } };
    const ended = { terminated: { exitCode: 0, startedAt: TIME, finishedAt: TIME } };
    const object = {
      metadata,
      spec: { nodeName: bound ? 'n1' : '', containers: [{ name: 'trainer', resources: {} }] },
      status: {
        phase: bound ? (state === 'ended' ? 'Succeeded' : 'Running') : 'Pending',
        conditions: [condition('PodScheduled', bound)],
        containerStatuses: bound ? [{ name: 'trainer', state: state === 'ended' ? ended : running }] : [],
      },
    };
    return { part: 'pods', uid, object: state === 'gone' ? undefined : object };
  });

const told = fc.array(fc.oneof(job, workload, pod), { minLength: 20, maxLength: 60 });

/** What a watch tells of each change, and what a list would have told in its place. */
class Server {
  readonly #parts = {
    pods: new Map<string, Made>(),
    jobs: new Map<string, Made>(),
    workloads: new Map<string, Made>(),
  };

  take({ part, uid, object }: Told): { readonly watch: WatchedSet; readonly list: WatchedSet } {
    const objects = this.#parts[part];
    const before = objects.get(uid);
    if (object === undefined) objects.delete(uid);
    else objects.set(uid, object);
    const vanished = object === undefined && before !== undefined ? [before] : [];
    const touched = object === undefined ? [] : [object];
    const all = [...objects.values()];
    return {
      watch: { kind: 'changed', objects: all, touched, vanished },
      list: { ...this.list(part), vanished },
    };
  }

  list = (part: Part): WatchedSet => ({
    kind: 'synced',
    objects: [...this.#parts[part].values()],
    vanished: [],
  });
}

const PARTS: readonly Part[] = ['pods', 'jobs', 'workloads'];

/** Of whoever begins to look now. What became of pods that are gone is known to none but those who saw them. */
function afresh(server: Server): NamespaceSets {
  const sets = new NamespaceSets(undefined);
  for (const part of PARTS) sets.take(part, server.list(part));
  return sets;
}

const seenIn = (sets: NamespaceSets) =>
  new Map(RUNS.map((each) => [each, JSON.stringify([sets.observe(each), sets.missingJobs(each)])]));

describe('what is known of a namespace', () => {
  test('is the same by a watch’s changes as by lists, and each change names every run of which it tells something', () => {
    fc.assert(
      fc.property(told, (changes) => {
        const [server, watched, listed] = [
          new Server(),
          new NamespaceSets(undefined),
          new NamespaceSets(undefined),
        ];
        for (const change of changes) {
          const { watch, list } = server.take(change);
          const before = seenIn(watched);
          const named = watched.take(change.part, watch);
          listed.take(change.part, list);
          const after = seenIn(watched);
          expect(after).toEqual(seenIn(listed));
          const fresh = afresh(server);
          for (const each of RUNS) expect(watched.observe(each).jobs).toEqual(fresh.observe(each).jobs);
          expect(watched.neverBound().length).toBe(listed.neverBound().length);
          for (const each of RUNS) if (!named.has(each)) expect(after.get(each)).toBe(before.get(each));
        }
      }),
    );
  });

  test('is told of one run alone where nothing of another has changed', () => {
    const [server, sets] = [new Server(), new NamespaceSets(undefined)];
    const ofRun = (part: typeof job, of: string) =>
      fc.sample(
        part.filter(({ uid, object }) => uid.includes(`${of}-1`) && object !== undefined),
        { numRuns: 1, seed: 1 },
      );
    for (const each of [job, workload, pod]) {
      for (const change of RUNS.flatMap((of) => ofRun(each, of)))
        sets.take(change.part, server.take(change).watch);
      for (const [change] of RUNS.map((of) => ofRun(each, of)))
        if (change !== undefined) {
          const again = { ...change, object: structuredClone(change.object) };
          expect(sets.take(again.part, server.take(again).watch).size).toBe(1);
        }
    }
  });
});
