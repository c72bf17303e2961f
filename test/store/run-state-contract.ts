import { expect, test } from 'vitest';
import type { Admission, Store, SummaryQuery } from '../../orchestrator/ports/store.ts';
import type { RunEvent } from '../../orchestrator/run/event.ts';
import { foldRun } from '../../orchestrator/run/evolve.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { NEW_RUN } from '../../orchestrator/run/state.ts';
import { runRecord } from './fixtures.ts';

const LAUNCHED: RunEvent = { type: 'stage-launched', stage: 'prepare', attempt: 1 };
const STOPPED: RunEvent = { type: 'stopped', message: 'by a person' };
const NOTHING: Admission = { create: [], resume: [], reserve: [], at: 7 };
const CONFLICT = expect.objectContaining({ code: 'conflict' });

/** The laws of what is kept of runs beside their events, for the store's contract. `run` is recorded. */
export function runStateLaws(store: () => Store, run: RunRecord): void {
  test('what events add up to is kept with them, whoever writes them', async () => {
    expect(await store().runs.state(run.id)).toEqual({ run: NEW_RUN, seq: 0 });
    expect(await store().runs.state('r-none')).toEqual({ run: NEW_RUN, seq: 0 });
    const rounds: readonly RunEvent[][] = [
      [LAUNCHED, { type: 'plan-reviewed', plan: run.plan }],
      [{ type: 'warned', message: 'slow' }],
      [STOPPED],
      [{ type: 'resumed' }],
      [{ type: 'stage-launched', stage: 'prepare', attempt: 2 }],
    ];
    for (const events of rounds) {
      const { seq } = await store().runs.state(run.id);
      if (events[0]?.type === 'resumed')
        await store().budgets.admit({ ...NOTHING, resume: [{ run: run.id, after: seq, events }] }, () => []);
      else await store().runs.append(run.id, seq, 7, events);
      const recorded = await store().runs.events(run.id);
      expect(await store().runs.state(run.id)).toEqual({ run: foldRun(recorded), seq: recorded.length });
      expect((await store().runs.summaries()).map(({ run: kept }) => kept)).toEqual([foldRun(recorded)]);
    }
    await expect(store().runs.append(run.id, 2, 8, [STOPPED])).rejects.toEqual(CONFLICT);
    expect((await store().runs.state(run.id)).seq).toBe(6);
  });

  test('a list of many shows each run and where it stands, page by page', async () => {
    const red = { ...run.recipe, team: 'red' };
    const away = { ...run.profile, name: 'away' };
    // Two of the same moment are in the order of their ids.
    const others = [
      runRecord({ id: 'r-2', recipe: red, createdAt: run.createdAt + 1 }),
      runRecord({ id: 'r-3', ablation: null, profile: away, createdAt: run.createdAt + 1 }),
      runRecord({ id: 'r-4', createdAt: run.createdAt - 1 }),
    ];
    await store().runs.create(others);
    await store().runs.append('r-2', 0, 1, [LAUNCHED, STOPPED]);
    const ids = async (query?: SummaryQuery) => (await store().runs.summaries(query)).map(({ id }) => id);
    expect(await ids()).toEqual(['r-3', 'r-2', run.id, 'r-4']);
    expect(await ids()).toEqual((await store().runs.list()).map(({ id }) => id));
    expect(await ids({ limit: 2 })).toEqual(['r-3', 'r-2']);
    expect(await ids({ limit: 2, after: { id: 'r-2', createdAt: run.createdAt + 1 } })).toEqual([
      run.id,
      'r-4',
    ]);
    expect(await ids({ after: { id: 'r-3', createdAt: run.createdAt + 1 } })).toEqual(['r-2', run.id, 'r-4']);
    expect(await ids({ ablation: 'a-1' })).toEqual(['r-2', run.id, 'r-4']);
    expect(await ids({ cluster: 'away' })).toEqual(['r-3']);
    expect(await ids({ team: 'red' })).toEqual(['r-2']);
    expect(await ids({ closed: true })).toEqual(['r-2']);
    expect(await ids({ closed: false, limit: 2 })).toEqual(['r-3', run.id]);
    expect(await ids({ state: 'stopped' })).toEqual(['r-2']);
    expect(await ids({ state: 'queued' })).toEqual(['r-3', run.id, 'r-4']);
    const [, stopped] = await store().runs.summaries();
    expect(stopped).toEqual({
      id: 'r-2',
      name: 'count',
      arm: 'long',
      ablation: { id: 'a-1', name: 'lengths' },
      createdAt: run.createdAt + 1,
      cluster: 'laptop',
      team: 'red',
      closed: true,
      ...(await store().runs.state('r-2')),
    });
  });

  test('runs are found by the beginning of an id, or by a whole ablation', async () => {
    await store().runs.create([
      runRecord({ id: 'r-2', createdAt: run.createdAt + 1 }),
      runRecord({ id: 'r-22', ablation: null }),
    ]);
    const named = async (reference: string) => (await store().runs.named(reference)).map(({ id }) => id);
    expect(await named('r-2')).toEqual(['r-2', 'r-22']);
    expect(await named('r-22')).toEqual(['r-22']);
    expect(await named('a-1')).toEqual(['r-2', run.id]);
    expect(await named('a-')).toEqual([]);
    for (const pattern of ['r-%', 'r_2', 'R-2', ''])
      expect(await named(pattern)).toEqual(pattern === '' ? ['r-2', 'r-22', run.id] : []);
  });

  test('every run counts in the state that it is in, also before its first event', async () => {
    const before = await store().runs.counts();
    const ids = ['r-00000000000a', 'r-00000000000b', 'r-00000000000c'];
    await store().runs.create(ids.map((id) => runRecord({ id })));
    await store().runs.append('r-00000000000b', 0, 1, [{ type: 'stopped', message: 'm' }]);
    const counts = await store().runs.counts();
    expect((counts.get('queued') ?? 0) - (before.get('queued') ?? 0)).toBe(2);
    expect((counts.get('stopped') ?? 0) - (before.get('stopped') ?? 0)).toBe(1);
  });
}
