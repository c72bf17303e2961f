import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { observed } from '../../cluster/local/observed.ts';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import type { BudgetStanding } from '../../orchestrator/run/budget-standing.ts';
import { type Decision, decide } from '../../orchestrator/run/decide.ts';
import type { Effect } from '../../orchestrator/run/effect.ts';
import type { RecordedEvent, RunEvent } from '../../orchestrator/run/event.ts';
import { foldRun } from '../../orchestrator/run/evolve.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { isAtRest } from '../../orchestrator/run/state.ts';
import type { View } from '../../orchestrator/run/view.ts';
import type { Stage } from '../../orchestrator/wire/job-spec.ts';
import type { CollectedStage } from '../../orchestrator/wire/stage-traits.ts';
import type { ExitClass } from '../../orchestrator/wire/termination.ts';
import { ended, pod } from './fixtures.ts';

const STAGES: readonly Stage[] = ['prepare', 'train', 'export', 'evaluate'];

/** One turn of the world: what the controller cannot see, when it dies, and what a living pod does. */
const turn = fc.record({
  blind: fc.boolean(),
  crash: fc.constantFrom('no', 'no', 'no', 'before-record', 'before-act'),
  cancel: fc.constantFrom(false, false, false, false, true),
  budget: fc.constantFrom<Budget>('room', 'room', 'room', 'room', 'room', 'most used', 'reached'),
  end: fc.constantFrom<ExitClass | 'lives'>(
    'lives',
    'succeeded',
    'succeeded',
    'infrastructure',
    'interrupted',
    'data',
  ),
});
type Budget = 'room' | 'most used' | 'reached';
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

const WARNING = { budget: 'budget red', used: '8.00 device-hours', limit: '10.0 device-hours' };
const STANDINGS: Readonly<Record<Budget, BudgetStanding>> = {
  room: { reached: null, warnings: [] },
  'most used': { reached: null, warnings: [WARNING] },
  reached: { reached: { budget: 'red', what: 'red is reached', todo: 'raise it' }, warnings: [WARNING] },
};

const COLLECTED: Readonly<Record<CollectedStage, RunEvent>> = {
  prepare: { type: 'plan-reviewed', plan: {} as Plan },
  export: { type: 'checkpoint-registered', checkpoint: 'c1' },
  evaluate: { type: 'evaluation-recorded' },
};

/** Stages with devices, or that prepare for them, that are recorded as launched or whose pods are made. */
const startsOf = ({ events, effects }: Decision): readonly Stage[] =>
  [
    ...events.flatMap((event) => (event.type === 'stage-launched' ? [event.stage] : [])),
    ...effects.flatMap((effect) => (effect.do === 'launch' ? [effect.stage] : [])),
  ].filter((stage) => stage !== 'export');

/** A cluster of one-pod jobs, created once by name, and a controller that forgets everything but its events. */
class World {
  readonly events: RecordedEvent[] = [];
  readonly pods = new Map<string, PodFacts>();
  cancel = false;
  reached = false;
  /** Stages with devices that were started while a budget was reached. */
  readonly startedBeyond: string[] = [];

  alive = () => [...this.pods.values()].filter((one) => one.endedAt === undefined);
  run = () => foldRun(this.events);

  act(effect: Effect): void {
    if (effect.do === 'collect') return this.record([COLLECTED[effect.stage]]);
    if (effect.do === 'release') return;
    if (effect.do === 'clear') return this.record([{ type: 'released' }]);
    const key = `${effect.stage}-${effect.attempt}`;
    const fresh = pod({ stage: effect.stage, attempt: effect.attempt });
    if (effect.do === 'launch' && !this.pods.has(key)) this.pods.set(key, fresh);
  }

  record(events: readonly RunEvent[]): void {
    for (const event of events)
      this.events.push({ seq: this.events.length + 1, at: this.events.length, event });
  }

  play({ blind, crash, cancel, budget, end }: Turn): void {
    this.cancel ||= cancel;
    this.reached ||= budget === 'reached';
    const view: View = {
      stages: STAGES,
      seen: blind ? null : observed([...this.pods.values()]),
      trouble: null,
      cancel: this.cancel,
      interrupt: false,
      maxRetries: 3,
      held: 0,
      maxHeld: 1,
      budget: STANDINGS[budget],
    };
    const decision = decide(this.run(), view);
    if (crash === 'before-record') return;
    if (budget === 'reached') this.startedBeyond.push(...startsOf(decision));
    this.record(decision.events);
    if (crash !== 'before-act') for (const effect of decision.effects) this.act(effect);
    if (end === 'lives') return;
    for (const [key, one] of this.pods)
      if (one.endedAt === undefined)
        this.pods.set(key, ended(end, { stage: one.stage, attempt: one.attempt }));
  }
}

const calm: Turn = { blind: false, crash: 'no', cancel: false, budget: 'room', end: 'succeeded' };

describe('a run under crashes, blindness and failures', () => {
  it('never has two attempts alive, launches no stage again that is done, and always comes to rest', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 60 }), (turns) => {
        const world = new World();
        for (const one of [...turns, ...Array.from({ length: 30 }, () => calm)]) {
          world.play(one);
          expect(world.alive().length).toBeLessThanOrEqual(1);
        }
        const run = world.run();
        expect(isAtRest(run.state)).toBe(true);
        expect(world.alive()).toEqual([]);
        const succeeded = world.events.filter(
          ({ event }) => event.type === 'attempt-ended' && event.exitClass === 'succeeded',
        );
        expect(succeeded.length).toBe(run.done.length);
        if (run.state.kind === 'succeeded') expect(run.done).toEqual(STAGES);
        if (run.state.kind === 'stopped') expect(world.cancel).toBe(true);
        expect(world.startedBeyond).toEqual([]);
        expect(world.events.filter(({ event }) => event.type === 'budget-warned').length).toBeLessThanOrEqual(
          1,
        );
        const wasReached = world.reached;
        if (run.state.kind === 'failed' && run.state.failure === 'budget') expect(wasReached).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
