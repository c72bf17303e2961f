import { expect, test } from 'vitest';
import { controlRun } from '../../../orchestrator/controller/control-run.ts';
import type { Workplace } from '../../../orchestrator/controller/workplace.ts';
import type { Run } from '../../../orchestrator/run/state.ts';
import type { RunRecord } from '../../../orchestrator/store/port.ts';
import { kubectl } from '../kubectl.ts';
import { type Moment, mortal } from './mortal.ts';
import { IN, type Simulated, workplaceOn } from './simulated-runs.ts';
import { simulatedSuite } from './suite.ts';

// `STINT_KILLS=all` tries every action there is, before and after it; a spread of them is enough for every change.
const ALL = process.env['STINT_KILLS'] === 'all';
/** Beyond the last action that such a run needs. */
const MOST_ACTIONS = 120;
const SPREAD = 8;
/** Each run takes one GPU of each node. */
const AT_ONCE = 8;

const { open, expectSettled } = simulatedSuite();

/** Its training fails once, and its JobSet starts it again. */
const ONE_FAILURE = { 'sim/run': '1s', 'sim/exit-code': '80', 'sim/fail-attempts': '1' };

/** Whoever works on it, this is what happens to such a run. */
const EVENTS = [
  'stage-launched 1',
  'plan-reviewed',
  'attempt-ended 1',
  'stage-launched 1',
  'attempt-ended 1',
  'attempt-began 2',
  'attempt-ended 2',
  'stage-launched 2',
  'checkpoint-registered',
  'attempt-ended 2',
  'succeeded',
  'released',
];

interface Kill {
  readonly at: number;
  readonly moment: Moment;
}

test('a controller killed at any of its actions is succeeded by one that ends the run as if nothing had been', {
  timeout: ALL ? 3_600_000 : 240_000,
}, async () => {
  const here = await open();
  // Undisturbed, to know how many there are.
  const whole = await finish(here, { at: Number.POSITIVE_INFINITY, moment: 'before' });
  expect(whole.actions).toBeGreaterThan(15);
  expect(whole.actions).toBeLessThan(MOST_ACTIONS);
  const kills = killsUpTo(whole.actions);
  const survived: string[] = [];
  const failures: string[] = [];
  const work = async () => {
    for (let kill = kills.shift(); kill; kill = kills.shift()) {
      const name = `${kill.moment} action ${kill.at}`;
      const ended = await finish(here, kill).catch((error: unknown) => {
        failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      });
      if (ended && !ended.wasKilled) survived.push(name);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(failures).toEqual([]);
  // All but the last few, which a run may do in fewer.
  if (ALL) expect(survived.length).toBeGreaterThan(0);
});

function killsUpTo(actions: number): Kill[] {
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

/** One run whose first controller is killed, and whose second one ends it. */
async function finish(here: Simulated, { at, moment }: Kill) {
  const record = await here.launch({
    sim: ONE_FAILURE,
    small: true,
    backend: { queue: { name: 'training-flat' } },
  });
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
  const events = await here.workplace.store.runs.events(record.id);
  const told = events.map(({ event }) =>
    'attempt' in event ? `${event.type} ${event.attempt}` : event.type,
  );
  if (told.join() !== EVENTS.join()) throw new Error(`it went another way: ${told.join(', ')}`);
  const { attempts, held } = await expectSettled(here, record);
  expect(run.state.kind).toBe('succeeded');
  expect(run.released).toBe(true);
  expect(run.retries).toBe(1);
  expect(attempts.map(({ number, cause }) => [number, cause])).toEqual([
    [1, expect.stringMatching(/^train: infrastructure: /)],
    [2, 'succeeded'],
  ]);
  expect(held.map(({ attempt, end }) => [attempt, end])).toEqual([
    [1, 'seen'],
    [1, 'seen'],
    [2, 'seen'],
    [2, 'seen'],
  ]);
  // Each stage was launched once, whoever did it.
  const selector = `--selector=stint.dev/run=${record.id}`;
  const jobs = await kubectl(['get', 'jobsets', IN, selector, '--output=jsonpath={.items[*].metadata.name}']);
  expect(jobs.split(' ').toSorted()).toEqual(
    ['export-a2', 'prepare-a1', 'train-a1'].map((name) => `${record.id}-${name}`),
  );
  return { actions: first.actions(), wasKilled: ended === undefined };
}

function control(workplace: Workplace, record: RunRecord): Promise<Run> {
  const signal = new AbortController().signal;
  return controlRun(workplace, record, { interrupt: signal, force: signal, onProgress: () => undefined });
}
