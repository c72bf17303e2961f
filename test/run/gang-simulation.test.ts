import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAtRest } from '../../orchestrator/run/state.ts';
import type { ExitClass } from '../../orchestrator/wire/termination.ts';
import { GangWorld, type Happening, STAGES } from './gang-world.ts';

const turn = fc.record({
  blind: fc.boolean(),
  crash: fc.constantFrom('no', 'no', 'no', 'before-record', 'before-act'),
  cancel: fc.constantFrom(...Array.from({ length: 19 }, () => false), true),
  spent: fc.constantFrom(...Array.from({ length: 9 }, () => false), true),
  what: fc.constantFrom<Happening['what']>(
    ...(['controllers', 'controllers', 'controllers', 'controllers', 'fail', 'succeed', 'nothing'] as const),
    ...(['preempt', 'trouble', 'deactivate', 'delete'] as const),
  ),
  exitClass: fc.constantFrom<ExitClass>('infrastructure', 'infrastructure', 'interrupted', 'data'),
});
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

const quiet = { blind: false, crash: 'no', cancel: false, spent: false, exitClass: 'data' } as const;
/** Everything that has to happen does, in turns, until nothing is left to do. */
const calm: readonly Turn[] = Array.from({ length: 60 }, () => [
  { ...quiet, what: 'controllers' } as const,
  { ...quiet, what: 'nothing' } as const,
  { ...quiet, what: 'succeed' } as const,
]).flat();

describe('a run of gangs that queue, restart, are preempted, deleted and deactivated', () => {
  it('never has two attempts alive, lets no pod be forgotten before its end is recorded, and comes to rest', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 80 }), (turns) => {
        const world = new GangWorld();
        for (const { blind, crash, cancel, spent, ...happening } of [...turns, ...calm]) {
          world.cancel ||= cancel;
          world.spent = spent;
          world.look(crash, blind);
          world.happen(happening);
          const attempts = new Set(world.see().pods.flatMap((one) => (one.endedAt ? [] : [one.attempt])));
          expect(attempts.size).toBeLessThanOrEqual(1);
        }
        const run = world.run();
        expect(isAtRest(run.state)).toBe(true);
        expect(world.alive()).toEqual([]);
        expect(world.forgottenTooEarly).toEqual([]);
        expect(run.released).toBe(true);
        expect(world.startedBeyond).toEqual([]);
        expect([...world.pods.keys()]).toEqual([]);
        expect([...world.jobs.values()].filter(({ facts }) => facts.retained)).toEqual([]);
        if (run.state.kind === 'succeeded') expect(run.done).toEqual(STAGES);
      }),
      { numRuns: 1_000 },
    );
  });
});
