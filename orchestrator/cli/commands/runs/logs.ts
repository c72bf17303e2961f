import type { Cluster } from '../../../../cluster/port.ts';
import { requireHere } from '../../../controller/elsewhere.ts';
import { knownPods } from '../../../controller/known-pods.ts';
import { readRun } from '../../../controller/read-run.ts';
import type { Workplace } from '../../../controller/workplace.ts';
import type { KeptLine } from '../../../documents/kept-logs.ts';
import { isStintError, StintError } from '../../../errors/stint-error.ts';
import { findRun } from '../../../operations/find-runs.ts';
import { didYouMean } from '../../../recipe/did-you-mean.ts';
import { numberAttempts } from '../../../run/number-attempts.ts';
import type { PodFacts } from '../../../run/pod-facts.ts';
import { isAtRest } from '../../../run/state.ts';
import { type Stage, StageSchema } from '../../../wire/job-spec.ts';
import type { CliContext } from '../../context.ts';
import { exitCodeOf } from '../../exit-code.ts';

export interface LogsOptions {
  readonly follow?: boolean;
  /** Only this stage. */
  readonly stage?: string;
  readonly json?: boolean;
}

/** A log that can be shown: on the cluster, or what was kept of it. */
interface Source {
  readonly uid: string;
  readonly since: number;
  /** May grow. */
  readonly isAlive: boolean;
  readonly show: () => Promise<void>;
}

const LOOK_MILLISECONDS = 500;
const WATCH_AGAIN_MILLISECONDS = 5_000;

/**
 * `stint runs logs RUN [-f]`: the lines of its pods, oldest pod first; of those that their cluster has let go, what was
 * kept. `-f` goes on until the run is at rest, and ends with the code of what became of it.
 */
export async function logs(reference: string, options: LogsOptions, context: CliContext): Promise<number> {
  const stage = options.stage === undefined ? undefined : stageNamed(options.stage);
  const workplace = await context.openWorkplace();
  const { output, interrupt } = context;
  const record = await findRun(workplace.store, reference);
  requireHere(workplace, record, `stint runs logs ${record.id}`);
  const cluster = await workplace.clusterFor(record.profile);
  const shown = new Set<string>();
  const follow = options.follow === true;

  async function print(name: string, pod: string, lines: AsyncIterable<KeptLine>): Promise<void> {
    for await (const { at, text } of lines)
      output.print(options.json ? JSON.stringify({ at, pod, text }) : `${name}  ${lastDrawn(text)}`);
  }

  async function kept(): Promise<readonly Source[]> {
    const all = await workplace.keptLogs.of(record.id);
    return all
      .filter(({ name }) => !stage || name.startsWith(`${stage}-a`))
      .map(({ uid, since, name, lines }) => ({
        uid,
        since,
        isAlive: false,
        show: () => print(name, uid, lines()),
      }));
  }

  async function showPod({ uid, name, index, ...of }: PodFacts): Promise<void> {
    try {
      await print(
        `${of.stage}-a${of.attempt}-${index}`,
        name,
        cluster.logs(name, { signal: interrupt, follow }),
      );
    } catch (error) {
      if (!isGone(error)) throw error;
      // It went between two looks.
      await (await kept()).find((source) => source.uid === uid)?.show();
    }
  }

  async function onCluster(): Promise<readonly Source[]> {
    const seen = await readRun(cluster, record.id, interrupt);
    const pods = numberAttempts(seen.pods, await knownPods(workplace, record.id));
    return pods
      .filter((pod) => !stage || pod.stage === stage)
      .map((pod) => ({
        uid: pod.uid,
        since: pod.boundAt,
        isAlive: pod.endedAt === undefined,
        show: () => showPod(pod),
      }));
  }

  async function fresh(): Promise<readonly Source[]> {
    const files = await kept();
    const pods = await onCluster().catch((error: unknown) => {
      if (interrupt.aborted) return [];
      if (follow || files.length === 0) throw error;
      output.tell(`The cluster cannot be read; this is what was kept: ${String(error)}`);
      return [];
    });
    const gone = files.filter(({ uid }) => !pods.some((pod) => pod.uid === uid));
    return [...gone, ...pods].filter(({ uid }) => !shown.has(uid)).toSorted((a, b) => a.since - b.since);
  }

  const watching = new AbortController();
  const until = AbortSignal.any([watching.signal, interrupt]);
  if (follow) void keepWatching(cluster, record.id, { until, sleep: workplace.sleep });
  try {
    return await showAll();
  } finally {
    watching.abort();
  }

  async function showAll(): Promise<number> {
    for (;;) {
      const { state } = (await workplace.store.runs.state(record.id)).run;
      const sources = await fresh();
      for (const { uid } of sources) shown.add(uid);
      for (const { isAlive, show } of sources) if (!follow || !isAlive) await show();
      if (!follow) return 0;
      await Promise.all(sources.filter(({ isAlive }) => isAlive).map(({ show }) => show()));
      if (interrupt.aborted) return 0;
      if (isAtRest(state) && sources.length === 0) return exitCodeOf([state]);
      if (sources.length === 0) await workplace.sleep(LOOK_MILLISECONDS, until);
    }
  }
}

/** While one watch stays open, to look again asks nothing of the cluster. */
async function keepWatching(
  cluster: Cluster,
  run: string,
  { until, sleep }: { readonly until: AbortSignal; readonly sleep: Workplace['sleep'] },
): Promise<void> {
  while (!until.aborted) {
    try {
      for await (const _ of cluster.watch(run, { signal: until }));
    } catch {
      // The next look meets the same trouble, and tells it.
    }
    await sleep(WATCH_AGAIN_MILLISECONDS, until);
  }
}

/** A bar that is drawn over and over ends as it was drawn last. */
const lastDrawn = (text: string): string => text.replace(/\r+$/, '').split('\r').at(-1) ?? '';

/** @throws StintError `wrong-option` where there is no such stage. */
function stageNamed(name: string): Stage {
  const stages = StageSchema.options;
  const stage = stages.find((each) => each === name);
  if (stage !== undefined) return stage;
  const guess = didYouMean(name, stages);
  throw new StintError({
    code: 'wrong-option',
    where: '--stage',
    what: `there is no stage ${JSON.stringify(name)}`,
    why: `expected one of ${stages.join(', ')}`,
    todo: guess ? `did you mean "${guess}"?` : 'name one of these',
  });
}

const isGone = (error: unknown): boolean => isStintError(error) && error.code === 'no-such-pod';
