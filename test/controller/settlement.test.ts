import { expect, test } from 'vitest';
import { runHeldByPhase } from '../../orchestrator/controller/held-by-phase.ts';
import { Settlement } from '../../orchestrator/controller/settlement.ts';
import { watching } from '../../orchestrator/controller/sight.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import type { TrainerEvent } from '../../orchestrator/wire/trainer-event.ts';
import { pod } from '../run/fixtures.ts';
import { runRecord } from '../store/fixtures.ts';

/** Only what is read here; a trainer tells more. */
const told = (...events: readonly object[]) =>
  events.map((event, index) => ({ index, event: JSON.parse(JSON.stringify(event)) as TrainerEvent }));
const step = (number: number, at: number) => ({
  event: 'step',
  at,
  step: number,
  loss: 1,
  tokens: 8,
  seconds: 1,
});

test('an attempt that its controller has ended for standing still has hung from its last step until it was asked to end', async () => {
  const store = await openStore(':memory:');
  const workplace = { store, now: () => 99_000 } as Workplace;
  const record = runRecord({ id: 'r1' });
  await store.runs.create([record]);
  const settlement = new Settlement(workplace, record, { require: async () => undefined });
  const gang = [0, 1].map((index) => pod({ uid: `u${index}`, index, devices: 8, startedAt: 2_000 }));
  await settlement.onPods(gang);
  for (const each of gang)
    await settlement.onEvents(
      each,
      told(
        { event: 'phase', at: 3_000, phase: 'training' },
        ...(each.index === 0 ? [step(1, 4_000), step(2, 5_000)] : []),
      ),
    );
  await settlement.asksToEnd(gang, 8_000);
  await settlement.onPods(gang.map((each) => ({ ...each, phase: 'failed', endedAt: 9_000 })));
  for (let times = 0; times < 2; times++) {
    await settlement.hung({ stage: 'train', attempt: 1 });
    expect(await runHeldByPhase(workplace, watching(99_000), 'r1')).toEqual({
      starting: 16 * 2_000,
      training: 16 * 2_000,
      hung: 16 * 3_000,
      terminating: 16 * 1_000,
    });
  }
  await store.close();
});
