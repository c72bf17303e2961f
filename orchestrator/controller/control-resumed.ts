import { foldRun } from '../run/evolve.ts';
import type { RunRecord } from '../run/run-record.ts';
import { isAtRest, type Run } from '../run/state.ts';
import type { ControlOptions } from './control-options.ts';
import { controlRuns } from './control-runs.ts';
import { requeueRuns } from './requeue-runs.ts';
import type { Workplace } from './workplace.ts';

/**
 * Works on runs that are to go on. One that was not at rest is taken over where it stands, and it may stand at its end: somebody has
 * stopped it, and nobody has recorded that yet. Whoever asks to go on means more than that, so it is resumed after it.
 */
export async function controlResumed(
  workplace: Workplace,
  records: readonly RunRecord[],
  options: ControlOptions,
): Promise<readonly Run[]> {
  const since = workplace.now();
  const before = new Map<string, Standing>();
  for (const record of records) before.set(record.id, await standingOf(workplace, record));
  const runs = await controlRuns(workplace, records, options);
  const settled: RunRecord[] = [];
  for (const record of records)
    if (await isOnlySettled(workplace, record, { since, before: before.get(record.id) }))
      settled.push(record);
  if (settled.length === 0 || options.interrupt.aborted) return runs;
  const resumed = await requeueRuns(workplace, settled);
  const gone = await controlRuns(workplace, resumed, options);
  return records.map((record, index) => gone[resumed.indexOf(record)] ?? runs[index]).filter(isRun);
}

interface Standing {
  readonly run: Run;
  /** Stages that were launched, again and again. */
  readonly launches: number;
}

const isRun = (run: Run | undefined): run is Run => run !== undefined;

async function standingOf({ store }: Workplace, { id }: RunRecord): Promise<Standing> {
  const events = await store.runs.events(id);
  return {
    run: foldRun(events),
    launches: events.filter(({ event }) => event.type === 'stage-launched').length,
  };
}

/** It came to rest without anything new having been started, and not because somebody has asked for that meanwhile. */
async function isOnlySettled(
  workplace: Workplace,
  record: RunRecord,
  { since, before }: { readonly since: number; readonly before: Standing | undefined },
): Promise<boolean> {
  if (before === undefined || before.run.state.kind === 'queued' || isAtRest(before.run.state)) return false;
  const { run, launches } = await standingOf(workplace, record);
  if (!isAtRest(run.state) || run.state.kind === 'succeeded' || launches > before.launches) return false;
  const cancelled = await workplace.store.requests.askedAt(record.id, 'cancel');
  return cancelled === null || cancelled < since;
}
