import { expect, test } from 'vitest';
import type { Store } from '../../orchestrator/ports/store.ts';
import type { RunEvent } from '../../orchestrator/run/event.ts';
import { foldRun } from '../../orchestrator/run/evolve.ts';
import type { EvaluationResult } from '../../orchestrator/wire/evaluation-result.ts';
import { boundFact, checkpoint, runRecord } from './fixtures.ts';

const LAUNCHED: RunEvent = { type: 'stage-launched', stage: 'train', attempt: 1 };
const STOPPED: RunEvent = { type: 'stopped', message: 'by a person' };
const RESULT = { benchmarks: [] } as unknown as EvaluationResult;
const NOTHING = { events: [], facts: [], steps: [], checkpoints: [], evaluation: null };

/** What a store gives of a run, another one takes back, and neither can be told from the other. */
export function historyLaws(store: () => Store): void {
  const run = runRecord();
  const profile = { ...run.profile, backend: { kind: 'local' } } as typeof run.profile;
  const restored = runRecord({ id: 'r-again', profile });

  const stepsOf = (attempt: number) =>
    [1, 2].map((step) => ({ attempt, step, at: step, loss: 0.5, tokens: 7, seconds: 0.25 }));

  /** All that is kept of it, under the id of another run. */
  async function lived() {
    const { runs, ledger, steps, checkpoints, evaluations, histories } = store();
    await runs.append(run.id, 0, 1, [LAUNCHED]);
    await runs.append(run.id, 1, 2_000, [{ type: 'warned', message: 'm' }, STOPPED]);
    await ledger.record([boundFact(run.id, 'p-1')]);
    for (const attempt of [1, 2]) await steps.record(run.id, stepsOf(attempt));
    await checkpoints.register(checkpoint(run.id));
    await evaluations.record(run.id, RESULT, 9, 'd');
    const history = await histories.of(run.id);
    return JSON.parse(
      JSON.stringify(history)
        .replaceAll(run.id, restored.id)
        .replaceAll('p-1', 'p-2')
        .replaceAll(checkpoint(run.id).id, checkpoint(restored.id).id),
    ) as typeof history;
  }

  test('a run that is restored is as it was: events, facts, steps, checkpoints and evaluation', async () => {
    const { runs, histories, steps, ledger, evaluations, checkpoints } = store();
    const history = await lived();
    expect(await histories.restore(restored, history, null)).toBe(true);
    expect(await histories.of(restored.id)).toEqual(history);
    expect(await runs.find(restored.id)).toEqual(restored);
    expect(await runs.state(restored.id)).toEqual({ run: foldRun(history.events), seq: 3 });
    expect(await runs.list({ open: true })).not.toContainEqual(restored);
    expect(await steps.curve(restored.id)).toEqual(await steps.curve(run.id));
    expect(await ledger.runs()).toContain(restored.id);
    expect(await evaluations.find(restored.id)).toEqual(RESULT);
    expect(await checkpoints.list({ run: restored.id })).toEqual([checkpoint(restored.id)]);
  });

  test('a run that is recorded stays as it is, and restoring twice is restoring once', async () => {
    const { runs, histories } = store();
    expect(await histories.restore(runRecord({ name: 'another' }), NOTHING, null)).toBe(false);
    expect(await runs.find(run.id)).toEqual(run);
    expect(await histories.restore(restored, NOTHING, null)).toBe(true);
    await runs.append(restored.id, 0, 5, [LAUNCHED]);
    expect(await histories.restore(restored, NOTHING, null)).toBe(false);
    expect(await runs.state(restored.id)).toMatchObject({ seq: 1 });
  });

  test('a run that goes on is open, counts with what is reserved for it, and is gone on with', async () => {
    const { runs, histories, budgets } = store();
    await budgets.apply([{ name: 'b', team: 'red', period: 'month', gpuHours: 1 }], 1);
    const going = { ...restored, recipe: { ...restored.recipe, team: 'red' } };
    const events = [{ seq: 1, at: 7, event: LAUNCHED }];
    expect(await histories.restore(going, { ...NOTHING, events }, 1_234)).toBe(true);
    expect((await runs.list({ open: true })).map(({ id }) => id)).toContain(restored.id);
    const { reservations } = await budgets.book(8);
    expect(reservations).toMatchObject([{ run: restored.id, gpuMilliseconds: 1_234 }]);
    await runs.append(restored.id, 1, 9, [STOPPED]);
    expect(await runs.state(restored.id)).toMatchObject({ seq: 2, run: { state: { kind: 'stopped' } } });
  });

  test('what cannot be recorded whole is not recorded at all', async () => {
    const { runs, histories, ledger } = store();
    await ledger.record([boundFact(restored.id, 'p-9', 1)]);
    const facts = [boundFact(restored.id, 'p-8'), boundFact(restored.id, 'p-9', 2)];
    await expect(histories.restore(restored, { ...NOTHING, facts }, null)).rejects.toMatchObject({
      problems: [{ code: 'ledger-contradiction' }],
    });
    expect(await runs.find(restored.id)).toBeNull();
    expect(await ledger.facts([restored.id])).toHaveLength(1);
  });
}
