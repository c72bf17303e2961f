import { attendRun } from '../../../orchestrator/controller/attend-run.ts';
import type { Workplace } from '../../../orchestrator/controller/workplace.ts';
import type { RunRecord } from '../../../orchestrator/run/run-record.ts';
import type { Run } from '../../../orchestrator/run/state.ts';
import { until } from '../../end-to-end/stint.ts';
import { type Moment, mortal } from './mortal.ts';
import { type Simulated, workplaceOn } from './simulated-runs.ts';

// `STINT_KILLS=all` tries every action there is, before and after it; a spread of them is enough for every change.
export const ALL = process.env['STINT_KILLS'] === 'all';
const SPREAD = 8;
/** Each run takes one GPU of each node. */
export const AT_ONCE = 8;

export interface Kill {
  /** The number of the controller's last action. */
  readonly at: number;
  readonly moment: Moment;
}

export const NEVER: Kill = { at: Number.POSITIVE_INFINITY, moment: 'before' };

export const nameOf = ({ at, moment }: Kill): string => `${moment} action ${at}`;

/** Of a run that takes so many actions when nobody is killed; somewhat more where all are tried. */
export function killsUpTo(actions: number): Kill[] {
  const moments = ['before', 'after'] as const;
  if (ALL)
    return Array.from({ length: Math.ceil(1.25 * actions) }, (_, index) => index + 1).flatMap((at) =>
      moments.map((moment) => ({ at, moment })),
    );
  return Array.from({ length: SPREAD }, (_, index) => ({
    at: 1 + Math.floor((index * (actions - 1)) / SPREAD),
    moment: moments[index % 2] ?? 'before',
  }));
}

export interface Survived {
  readonly run: Run;
  /** Of the first controller. */
  readonly actions: number;
  readonly wasKilled: boolean;
  /** The events of the run, each by its type and attempt. */
  readonly events: readonly string[];
}

/** Works on a run by a controller that is killed, and a second one that ends it. */
export async function survive(here: Simulated, record: RunRecord, { at, moment }: Kill): Promise<Survived> {
  const dead = new Set<string>();
  const controller = (owner: string): Workplace => ({
    ...workplaceOn(here.workplace.store, here.home),
    owner,
    isAlive: (lease) => !dead.has(lease.owner),
  });
  const first = mortal(controller(`${record.id}/first`), at, moment);
  const ended = await Promise.race([control(first.workplace, record), first.died]);
  dead.add(`${record.id}/first`);
  const run = ended ?? (await control(controller(`${record.id}/second`), record));
  const recorded = await here.workplace.store.runs.events(record.id);
  const events = recorded.map(({ event }) =>
    'attempt' in event ? `${event.type} ${event.attempt}` : event.type,
  );
  return { run, actions: first.actions(), wasKilled: ended === undefined, events };
}

function control(workplace: Workplace, record: RunRecord): Promise<Run> {
  const signal = new AbortController().signal;
  return attendRun(workplace, record, { interrupt: signal, force: signal, onProgress: () => undefined });
}

/** Both pods of the training's first attempt run, by what the ledger has been told. */
export const untilItTrains = ({ workplace: { store } }: Simulated, { id }: RunRecord): Promise<void> =>
  until(`${id} trains`, async () => {
    const facts = await store.ledger.facts([id]);
    const pods = facts.flatMap((fact) =>
      fact.kind === 'bound' && fact.stage === 'train' && fact.attempt === 1 ? [fact.pod] : [],
    );
    const started = pods.filter((pod) => facts.some((fact) => fact.kind === 'phase' && fact.pod === pod));
    return new Set(started).size === 2;
  });
