import type { LogQuery } from '../contract/streams.ts';
import { requireHere } from '../controller/elsewhere.ts';
import { knownPods } from '../controller/known-pods.ts';
import { lookAtRun } from '../controller/look-at-run.ts';
import { readRun } from '../controller/read-run.ts';
import { makeWakeup, type Wakeup } from '../controller/wakeup.ts';
import type { Workplace } from '../controller/workplace.ts';
import type { KeptLine } from '../documents/kept-logs.ts';
import { isStintError } from '../errors/stint-error.ts';
import type { Cluster } from '../ports/cluster.ts';
import { numberAttempts } from '../run/number-attempts.ts';
import type { PodFacts } from '../run/pod-facts.ts';
import type { RunRecord } from '../run/run-record.ts';
import { isAtRest, type RunState } from '../run/state.ts';

/** A log that can be shown: on the cluster, or what was kept of it. */
interface Source {
  readonly uid: string;
  readonly since: number;
  /** May grow. */
  readonly isAlive: boolean;
  readonly show: () => Promise<void>;
}

type Reader = Pick<Workplace, 'store' | 'clusterFor' | 'keptLogs' | 'sleep' | 'now' | 'host' | 'isAlive'>;

/** Cluster and store tell of each change; should they ever not, it is looked all the same. */
const LOOK_MILLISECONDS = 30_000;
/** A process of this machine that was killed tells nobody of it. */
const LOOK_FOR_PROCESS_MILLISECONDS = 2_000;
const WATCH_AGAIN_MILLISECONDS = 5_000;

/**
 * The lines of a run's pods, oldest pod first; of those that their cluster has let go, what was kept.
 *
 * @returns the state in which the run came to rest, where that was waited for; else null.
 * @throws StintError `run-is-elsewhere`, and what keeps the cluster from being read where nothing was kept.
 */
export async function readLogs(
  workplace: Reader,
  record: RunRecord,
  query: LogQuery,
): Promise<RunState | null> {
  requireHere(workplace, record, `stint runs logs ${record.id}`);
  const cluster = await workplace.clusterFor(record.profile);
  const wakeup = makeWakeup(workplace);
  const reading = new LogReading(workplace, record, cluster, query);
  if (!query.follow) return reading.showAll(wakeup);
  const watching = new AbortController();
  const until = AbortSignal.any([watching.signal, query.signal]);
  const { sleep, store } = workplace;
  const ignore = store.changes.subscribe(record.id, wakeup.wake);
  query.signal.addEventListener('abort', wakeup.wake);
  void keepWatching(cluster, record.id, { until, sleep, onChange: wakeup.wake });
  try {
    return await reading.showAll(wakeup);
  } finally {
    watching.abort();
    ignore();
    query.signal.removeEventListener('abort', wakeup.wake);
  }
}

class LogReading {
  readonly #workplace: Reader;
  readonly #record: RunRecord;
  readonly #cluster: Cluster;
  readonly #query: LogQuery;
  readonly #shown = new Set<string>();

  constructor(workplace: Reader, record: RunRecord, cluster: Cluster, query: LogQuery) {
    this.#workplace = workplace;
    this.#record = record;
    this.#cluster = cluster;
    this.#query = query;
  }

  async showAll(wakeup: Wakeup): Promise<RunState | null> {
    const { follow, signal } = this.#query;
    const { now } = this.#workplace;
    const { outlives } = this.#cluster;
    for (;;) {
      wakeup.looking();
      const { state } = (await this.#workplace.store.runs.state(this.#record.id)).run;
      const sources = await this.#fresh();
      for (const { uid } of sources) this.#shown.add(uid);
      for (const { isAlive, show } of sources) if (!follow || !isAlive) await show();
      if (!follow) return null;
      await Promise.all(sources.filter(({ isAlive }) => isAlive).map(({ show }) => show()));
      if (signal.aborted) return null;
      if (isAtRest(state) && sources.length === 0) return state;
      // Nobody is there who could bring it to rest, and nothing of it is alive that could print.
      const left =
        sources.length === 0 && !outlives ? (await lookAtRun(this.#workplace, this.#record)).left : undefined;
      if (left !== undefined) return left.run.state;
      const again = now() + (outlives ? LOOK_MILLISECONDS : LOOK_FOR_PROCESS_MILLISECONDS);
      if (sources.length === 0) await wakeup.wait(() => again);
    }
  }

  /** Those that were not shown yet. */
  async #fresh(): Promise<readonly Source[]> {
    const { signal, follow, onNote } = this.#query;
    const files = await this.#kept();
    const pods = await this.#onCluster().catch((error: unknown) => {
      if (signal.aborted) return [];
      if (follow || files.length === 0) throw error;
      onNote(`The cluster cannot be read; this is what was kept: ${String(error)}`);
      return [];
    });
    const gone = files.filter(({ uid }) => !pods.some((pod) => pod.uid === uid));
    return [...gone, ...pods]
      .filter(({ uid }) => !this.#shown.has(uid))
      .toSorted((a, b) => a.since - b.since);
  }

  async #kept(): Promise<readonly Source[]> {
    const { stage } = this.#query;
    const all = await this.#workplace.keptLogs.of(this.#record.id);
    return all
      .filter(({ name }) => !stage || name.startsWith(`${stage}-a`))
      .map(({ uid, since, name, lines }) => ({
        uid,
        since,
        isAlive: false,
        show: () => this.#print(name, uid, lines()),
      }));
  }

  async #onCluster(): Promise<readonly Source[]> {
    const { stage, signal } = this.#query;
    const seen = await readRun(this.#cluster, this.#record.id, signal);
    const pods = numberAttempts(seen.pods, await knownPods(this.#workplace, this.#record.id));
    return pods
      .filter((pod) => !stage || pod.stage === stage)
      .map((pod) => ({
        uid: pod.uid,
        since: pod.boundAt,
        isAlive: pod.endedAt === undefined,
        show: () => this.#showPod(pod),
      }));
  }

  async #showPod({ uid, name, index, ...of }: PodFacts): Promise<void> {
    const { signal, follow } = this.#query;
    try {
      await this.#print(
        `${of.stage}-a${of.attempt}-${index}`,
        name,
        this.#cluster.logs(name, { signal, follow }),
      );
    } catch (error) {
      if (!isGone(error)) throw error;
      // It went between two looks.
      await (await this.#kept()).find((source) => source.uid === uid)?.show();
    }
  }

  async #print(name: string, pod: string, lines: AsyncIterable<KeptLine>): Promise<void> {
    for await (const { at, text } of lines) await this.#query.onLine({ name, pod, at, text });
  }
}

interface Watching extends Pick<Workplace, 'sleep'> {
  readonly until: AbortSignal;
  /** The cluster has something new of the run, or cannot be watched. */
  readonly onChange: () => void;
}

/** While one watch stays open, to look again asks nothing of the cluster. */
async function keepWatching(
  cluster: Cluster,
  run: string,
  { until, sleep, onChange }: Watching,
): Promise<void> {
  while (!until.aborted) {
    try {
      for await (const _ of cluster.watch(run, { signal: until })) onChange();
    } catch {
      // The next look meets the same trouble, and tells it.
      onChange();
    }
    await sleep(WATCH_AGAIN_MILLISECONDS, until);
  }
}

const isGone = (error: unknown): boolean => isStintError(error) && error.code === 'no-such-pod';
