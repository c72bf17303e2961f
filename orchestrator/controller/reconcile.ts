import { isStintError } from '../errors/stint-error.ts';
import { isSettled } from '../run/is-settled.ts';
import type { RunRecord } from '../run/run-record.ts';
import { elsewhere as hostOf } from './elsewhere.ts';
import { isAttended } from './is-attended.ts';
import type { Workplace } from './workplace.ts';

export interface Reconciled {
  /** Their pods went with their process: proven dead, settled, and marked interrupted. */
  readonly interrupted: readonly string[];
  /** They go on in their clusters, or are not settled there yet, and nobody watches them. */
  readonly unattended: readonly string[];
  /** Nobody watches them either, but only the machine that they live on can tell what became of them. */
  readonly elsewhere: readonly { readonly run: string; readonly host: string }[];
}

/** Runs that are not over and that nobody works on any more; those of this machine, whose process was killed, are brought to rest. */
export async function reconcile(workplace: Workplace): Promise<Reconciled> {
  const { left, ...others } = await findLeft(workplace);
  const interrupted: string[] = [];
  for (const record of left) if (await bringToRest(workplace, record)) interrupted.push(record.id);
  return { interrupted, ...others };
}

export interface Left extends Omit<Reconciled, 'interrupted'> {
  /** Their pods go with their process, which is gone; whoever works on runs brings them to rest. */
  readonly left: readonly RunRecord[];
}

/** The same for whoever only looks: nothing is recorded, and no pod is asked for anything. */
export async function findLeft(workplace: Workplace): Promise<Left> {
  const left: RunRecord[] = [];
  const unattended: string[] = [];
  const elsewhere: { run: string; host: string }[] = [];
  for (const record of await workplace.store.runs.list({ open: true })) {
    const outlives = record.profile.backend.kind === 'kubernetes';
    const { run } = await workplace.store.runs.state(record.id);
    if (isSettled(run, outlives)) continue;
    if (await isAttended(workplace, record)) continue;
    const host = hostOf(workplace, record);
    if (outlives) unattended.push(record.id);
    else if (host !== null) elsewhere.push({ run: record.id, host });
    else left.push(record);
  }
  return { left, unattended, elsewhere };
}

async function bringToRest(workplace: Workplace, record: RunRecord): Promise<boolean> {
  try {
    const gone = AbortSignal.abort();
    // What works on runs is much to load, and most commands find nothing that was left.
    const { attendRun } = await import('./attend-run.ts');
    await attendRun(workplace, record, { interrupt: gone, force: gone, onProgress: () => undefined });
    return true;
  } catch (error) {
    // Another process was faster; it does the same.
    if (!isStintError(error) || error.code !== 'run-is-held') throw error;
    return false;
  }
}
