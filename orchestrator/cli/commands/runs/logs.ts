import { readRun } from '../../../controller/read-run.ts';
import { foldRun } from '../../../run/evolve.ts';
import type { PodFacts } from '../../../run/pod-facts.ts';
import { isAtRest } from '../../../run/state.ts';
import type { CliContext } from '../../context.ts';
import { findRun } from '../../run-reference.ts';

export interface LogsOptions {
  readonly follow?: boolean;
  /** Only this stage. */
  readonly stage?: string;
  readonly json?: boolean;
}

const LOOK_MILLISECONDS = 500;

/** `stint runs logs RUN [-f]`: the lines of its pods, oldest pod first; `-f` goes on until the run is at rest. */
export async function logs(reference: string, options: LogsOptions, context: CliContext): Promise<number> {
  const workplace = await context.openWorkplace();
  const { output, interrupt } = context;
  const record = await findRun(workplace.store, reference);
  const cluster = await workplace.clusterFor(record.profile);
  const shown = new Set<string>();
  const follow = options.follow === true;

  async function showPod(pod: PodFacts): Promise<void> {
    shown.add(pod.uid);
    const prefix = `${pod.stage}-a${pod.attempt}-${pod.index}`;
    for await (const { at, text } of cluster.logs(pod.name, { signal: interrupt, follow })) {
      if (options.json) output.print(JSON.stringify({ at, pod: pod.name, text }));
      else output.print(`${prefix}  ${text}`);
    }
  }

  for (;;) {
    const atRest = isAtRest(foldRun(await workplace.store.runs.events(record.id)).state);
    const { pods } = await readRun(cluster, record.id);
    const fresh = pods.filter(
      (pod) => !shown.has(pod.uid) && (!options.stage || pod.stage === options.stage),
    );
    const inOrder = fresh.toSorted((a, b) => a.boundAt - b.boundAt);
    for (const pod of inOrder) if (!follow || pod.endedAt !== undefined) await showPod(pod);
    if (!follow) return 0;
    await Promise.all(inOrder.filter((pod) => !shown.has(pod.uid)).map(showPod));
    if (interrupt.aborted || (atRest && fresh.length === 0)) return 0;
    if (fresh.length === 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
}
