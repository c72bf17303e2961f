import { describe, expect, it } from 'vitest';
import { Heartbeats } from '../../orchestrator/controller/heartbeats.ts';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import type { Phase } from '../../orchestrator/wire/phase.ts';
import type { TrainerEvent } from '../../orchestrator/wire/trainer-event.ts';
import { pod, running } from '../run/fixtures.ts';

/** Only the length of a step matters here. */
const plan = { duration: { stepSeconds: 10 } } as Plan;
/** Only what is read here; a trainer tells more. */
const trainerEvent = (fields: object): TrainerEvent => JSON.parse(JSON.stringify(fields));
const phase = (name: Phase, at: number) => trainerEvent({ event: 'phase', at, phase: name });
const step = (number: number, at: number) => trainerEvent({ event: 'step', at, step: number });
const told = (...events: readonly TrainerEvent[]) => events.map((event, index) => ({ index, event }));

describe('heartbeats', () => {
  it('are unknown before the first event, outside of training, and when the attempt is over', () => {
    const heartbeats = new Heartbeats(plan);
    expect(heartbeats.of(running('train'))).toBeNull();
    heartbeats.take(pod({ stage: 'prepare' }), told(phase('starting', 5)));
    expect(heartbeats.of(running('prepare'))).toBeNull();
    heartbeats.take(pod(), told(phase('starting', 5)));
    expect(heartbeats.of(running('train'))).not.toBeNull();
    const over = { exitClass: 'interrupted', message: '' } as const;
    expect(heartbeats.of({ ...running('train'), over })).toBeNull();
  });

  it('of steps are expected within four of the plan’s steps and a minute, of slow phases within 40 minutes', () => {
    const heartbeats = new Heartbeats(plan);
    heartbeats.take(pod(), told(phase('loading', 5)));
    expect(heartbeats.of(running('train'))).toMatchObject({ at: 5, step: 0, expectedSeconds: 2_400 });
    heartbeats.take(pod(), told(phase('training', 8), step(1, 20), step(2, 30)));
    expect(heartbeats.of(running('train'))).toMatchObject({ at: 30, step: 2, expectedSeconds: 100 });
    heartbeats.take(pod(), told(phase('checkpointing', 31)));
    expect(heartbeats.of(running('train'))).toMatchObject({ at: 31, step: 2, expectedSeconds: 2_400 });
  });

  it('of one attempt say nothing of the next', () => {
    const heartbeats = new Heartbeats(plan);
    heartbeats.take(pod({ attempt: 1 }), told(step(9, 20)));
    expect(heartbeats.of(running('train', 2))).toBeNull();
  });
});
