import { join } from 'node:path';
import { afterAll } from 'vitest';
import { lookAtRun } from '../../../orchestrator/controller/look-at-run.ts';
import type { Workplace } from '../../../orchestrator/controller/workplace.ts';
import type { Store } from '../../../orchestrator/ports/store.ts';
import type { RunRecord } from '../../../orchestrator/run/run-record.ts';
import { openPostgres } from '../../../orchestrator/store/open-postgres.ts';
import { inEnvironment, newHome } from '../../end-to-end/stint.ts';
import { IS_SERVED, serveDisturbed, sharedStore } from '../served/served-home.ts';
import { startAttending } from '../served/start-attending.ts';
import { untilLetGo } from '../served/until-let-go.ts';
import type { Controlled } from './simulated-runs.ts';

/** Where the runs of a test file are recorded. */
export interface ServedPlace {
  readonly home: string;
  readonly address: string;
}

const SCRIPT = join(import.meta.dirname, 'simulated-process.ts');
let store: Promise<Store> | undefined;

/** The store of a test file, whose runs two processes attend of which one after the other is killed or frozen. */
export function servedStore(): Promise<Store> {
  store ??= begin();
  return store;
}

// Before the PostgreSQL behind it ends, as what was registered last goes first.
if (IS_SERVED) afterAll(async () => (await store)?.close());

async function begin(): Promise<Store> {
  const place: ServedPlace = { home: await newHome(), address: await sharedStore() };
  const { store: opened } = await openPostgres(place.address, Date.now);
  inEnvironment(place.home, { STINT_STORE: place.address });
  await serveDisturbed(place.home, () => startAttending(SCRIPT, place));
  return opened;
}

/** What becomes of a run that others attend, with what it was seen to wait for. */
export function attendedByOthers(workplace: Workplace, record: RunRecord): Controlled {
  const waits: string[] = [];
  const warnings: string[] = [];
  const look = async () => {
    const { obstacles } = await lookAtRun(workplace, record);
    waits.push(...obstacles.map(({ what }) => what).filter((what) => !waits.includes(what)));
  };
  const attended = async () => {
    const run = await untilLetGo(workplace.store, record.id, look);
    for (const { event } of await workplace.store.runs.events(record.id))
      if (event.type === 'warned') warnings.push(event.message);
    return run;
  };
  return { done: attended(), waits, warnings };
}
