import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { realClock } from '../../orchestrator/controller/clock.ts';
import { makeEffects } from '../../orchestrator/controller/effects.ts';
import type { EffectContext } from '../../orchestrator/controller/run-effect.ts';
import { makeWakeup } from '../../orchestrator/controller/wakeup.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import type { ErrorCode } from '../../orchestrator/errors/catalogue.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';
import type { Effect } from '../../orchestrator/run/effect.ts';
import type { Progress } from '../../orchestrator/run/progress.ts';
import { NEW_RUN, type Run } from '../../orchestrator/run/state.ts';
import { profile, request } from '../render/requests.ts';
import { running } from '../run/fixtures.ts';

const STOP: Effect = { do: 'stop', stage: 'train', attempt: 1 };
const COLLECT: Effect = { do: 'collect', stage: 'export' };

/** Effects on a cluster that does what the test says; of the rest of a workplace only the log is spoken to. */
function effectsOn(cluster: Partial<Cluster>, more: Partial<EffectContext> = {}) {
  const told: Progress[] = [];
  const log = { info: () => undefined, warn: () => undefined } as unknown as Workplace['log'];
  const run: Run = { ...NEW_RUN, state: running('train'), attempt: 1 };
  const context = {
    decision: { run: 'r1' },
    cluster,
    run: async () => run,
    onStop: async () => undefined,
    onWarning: () => undefined,
    onRelease: async () => undefined,
    onOrder: async () => undefined,
    force: new AbortController().signal,
    ...more,
  } as unknown as EffectContext;
  const never = new AbortController().signal;
  const options = { interrupt: never, force: never, onProgress: (progress: Progress) => told.push(progress) };
  const pauses: number[] = [];
  const pause = async (milliseconds: number) => void pauses.push(milliseconds);
  const workplace = { log, ...realClock, sleep: pause } as unknown as Workplace;
  return {
    pauses,
    effects: makeEffects({
      workplace,
      record: { id: 'r1' },
      options,
      wakeup: makeWakeup(realClock),
      context,
    }),
    told,
  };
}
const problem = (code: ErrorCode) =>
  new StintError({ code, where: 'there', what: `it is ${code}`, todo: 'fix it' });

describe('an effect', () => {
  it('is done once at a time, however often it is asked for, and again when it is asked for after that', async () => {
    let calls = 0;
    const { effects } = effectsOn({
      stop: async () => {
        calls += 1;
        await sleep(30);
      },
    });
    effects.start(STOP);
    effects.start(STOP);
    await sleep(60);
    expect(calls).toBe(1);
    effects.start(STOP);
    await sleep(60);
    expect(calls).toBe(2);
  });

  it('that an operator has to know something of tells it once, and leaves it in the run', async () => {
    const warned: string[] = [];
    const stop: Cluster['stop'] = async (_, { onWarning }) => {
      for (const message of ['n1 is fenced', 'n1 is fenced', 'n2 is not']) onWarning?.(message);
    };
    const { effects } = effectsOn({ stop }, { onWarning: (message) => warned.push(message) });
    effects.start(STOP);
    await sleep(30);
    expect(warned).toEqual(['n1 is fenced', 'n2 is not']);
    expect(effects.takeEvents()).toEqual([
      { type: 'warned', message: 'n1 is fenced' },
      { type: 'warned', message: 'n2 is not' },
    ]);
  });

  it('that fails unexpectedly is told once, waits longer each time, and ends the run after five tries', async () => {
    const collect = async () => {
      throw new TypeError('a defect');
    };
    const { effects, told, pauses } = effectsOn({}, { collect });
    for (let tries = 1; tries <= 5; tries++) {
      effects.start(COLLECT);
      await sleep(5);
    }
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000]);
    expect(effects.takeEvents()).toMatchObject([
      { type: 'warned', message: 'collect failed, and is tried again: a defect' },
      {
        type: 'failed',
        stage: 'export',
        failure: 'infrastructure',
        message: 'collect failed (5 tries): a defect',
      },
    ]);
    expect(told).toHaveLength(1);
  });

  it.each([
    ['a refusal', problem('cluster-forbidden'), [5_000, 15_000, 45_000, 135_000]],
    ['a defect', new TypeError('no'), [500, 1_000, 2_000, 4_000]],
  ])(
    'that cannot end pods never ends the run: %s is given up, and told to whoever waits',
    async (_, error, waits) => {
      let calls = 0;
      const stop = () => {
        calls += 1;
        return Promise.reject(error);
      };
      const { effects, pauses, told } = effectsOn({ stop });
      for (let tries = 1; tries <= 5; tries++) {
        expect(effects.refusal()).toBeUndefined();
        effects.start(STOP);
        await sleep(5);
      }
      expect(effects.refusal()).toEqual({ error });
      expect([calls, pauses]).toEqual([5, waits]);
      expect(told).toHaveLength(1);
      expect(effects.takeEvents().map(({ type }) => type)).toEqual(['warned']);
    },
  );

  it('that a person must fix ends the run at once, in the error’s words', async () => {
    const { effects } = effectsOn({}, { collect: () => Promise.reject(problem('input-changed')) });
    effects.start(COLLECT);
    await sleep(5);
    expect(effects.takeEvents()).toEqual([
      {
        type: 'failed',
        stage: 'export',
        failure: 'configuration',
        exitClass: 'configuration',
        message: 'it is input-changed (there); fix it',
      },
    ]);
    expect(effects.takeEvents()).toEqual([]);
  });

  it('that the cluster does not answer is tried for as long as that lasts, ever more seldom, and decides nothing', async () => {
    let calls = 0;
    const collect = async () => {
      calls += 1;
      throw problem('cluster-unreachable');
    };
    const { effects, told, pauses } = effectsOn({}, { collect });
    for (let tries = 0; tries < 7; tries++) {
      effects.start(COLLECT);
      await sleep(5);
    }
    expect(calls).toBe(7);
    expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    const message = 'collect failed, and is tried again until it can be done: it is cluster-unreachable';
    expect(effects.takeEvents()).toEqual([{ type: 'warned', message }]);
    expect(told).toMatchObject([{ message }]);
  });
});

describe('a launch', () => {
  it('is on its way until its job is seen, so that nobody takes the job for gone', async () => {
    const { promise: seen, resolve: appear } = Promise.withResolvers<void>();
    const asked: string[] = [];
    const decision = request('train', profile('local'));
    const { plan } = decision;
    const { effects } = effectsOn(
      { apply: async () => undefined },
      {
        reachedStep: async () => 0,
        plan: async () => plan,
        templates: await loadTemplates(),
        decision: { ...decision, run: 'r1' },
        appeared: (job) => {
          asked.push(job);
          return seen;
        },
      },
    );
    expect(effects.isLaunching()).toBe(false);
    effects.start({ do: 'launch', stage: 'train', attempt: 1 });
    await sleep(50);
    expect(asked).toEqual(['r1-train-a1']);
    expect(effects.isLaunching()).toBe(true);
    appear();
    await sleep(10);
    expect(effects.isLaunching()).toBe(false);
  });
});
