import { expect, it } from 'vitest';
import { attemptOutcome } from '../../orchestrator/run/attempt-outcome.ts';
import type { JobFacts } from '../../orchestrator/run/job-facts.ts';
import type { ActiveState } from '../../orchestrator/run/state.ts';
import { ended, pod, running } from './fixtures.ts';

const stopping = (why: 'cancel' | 'interrupt'): ActiveState => ({
  ...running('train'),
  kind: 'stopping',
  why,
  verdict: null,
});
const held: JobFacts = {
  name: 'r1-train-a1',
  run: 'r1',
  stage: 'train',
  launch: 1,
  size: 1,
  state: 'held',
  reason: 'Suspended',
  message: 'r1-train-a1 is suspended',
  pending: [],
  retained: false,
};

it('says of an attempt that was asked to end who asked, not how its objects look then', () => {
  expect(attemptOutcome(stopping('cancel'), [], held)).toEqual({
    exitClass: 'interrupted',
    message: 'cancelled by a person',
  });
  const silent = pod({ phase: 'failed', endedAt: 2_000, signal: 'SIGTERM', exitCode: 143 });
  expect(attemptOutcome(stopping('cancel'), [silent], held).message).toBe('cancelled by a person');
  expect(attemptOutcome(stopping('interrupt'), [silent], held).message).toBe(
    'its stint process was asked to end',
  );
});

it('says what was saved when it was asked to end', () => {
  const saved = ended('interrupted', {
    termination: { exitClass: 'interrupted', message: 'asked to end', step: 40 },
  });
  expect(attemptOutcome(stopping('cancel'), [saved, ended('interrupted', { index: 1 })], held).message).toBe(
    'cancelled by a person; saved at step 40',
  );
  const later = ended('interrupted', {
    index: 1,
    termination: { exitClass: 'interrupted', message: 'asked to end', step: 50 },
  });
  for (const pods of [
    [saved, later],
    [later, saved],
  ])
    expect(attemptOutcome(stopping('cancel'), pods, held).message).toMatch(/saved at step 50$/);
});

it('leaves a failure what it is, whoever asked for its end', () => {
  const failed = ended('out-of-memory');
  expect(attemptOutcome(stopping('cancel'), [failed], held)).toMatchObject({
    exitClass: 'out-of-memory',
    message: 'says out-of-memory',
  });
});

it('says of a job without pods what its controllers say, or that they say nothing', () => {
  const outcome = (facts: Partial<JobFacts>) =>
    attemptOutcome(running('train'), [], { ...held, state: 'failed', ...facts });
  const failed = (why: string) => ({
    exitClass: 'infrastructure',
    message: `no pod of it ever ran: ${why}`,
  });
  expect(outcome({ message: 'no quota', reason: 'Why' })).toEqual(failed('no quota'));
  expect(outcome({ message: '', reason: 'Why' })).toEqual(failed('Why'));
  expect(outcome({ message: '', reason: '' })).toEqual(failed('its controllers do not say why'));
  expect(attemptOutcome(running('train'), [], held)).toEqual({
    exitClass: 'interrupted',
    message: 'r1-train-a1 is suspended',
  });
});

const silent = pod({ phase: 'failed', endedAt: 2_000, signal: 'SIGTERM', exitCode: 143, createdAt: 1_000 });
const training = (job: Partial<JobFacts>, pods = [silent]) =>
  attemptOutcome(running('train'), pods, { ...held, state: 'waiting', message: '', ...job });
const words = 'r1-train-a1-0 was ended by SIGTERM and left no message; its log says more';

it('says what held the job back where its pods ended since then, and else what they say', () => {
  const by = (since?: number) => training({ ...held, ...(since !== undefined && { since }) }).message;
  expect(by()).toBe('r1-train-a1 is suspended');
  expect(by(2_000)).toBe('r1-train-a1 is suspended');
  expect(by(2_001)).toBe(words);
  const peer = pod({ ...silent, index: 1, endedAt: 1_500 });
  expect(training({ ...held, since: 2_000 }, [peer, silent]).message).toBe('r1-train-a1 is suspended');
  expect(training({ state: 'active', since: 1_500 }).message).toBe(words);
  expect(attemptOutcome(running('train'), [silent], undefined).message).toBe(words);
});

it('says that its queue took it back where its pods ended since then, and began before it was admitted again', () => {
  const taken = (back: Partial<NonNullable<JobFacts['takenBack']>>, pods = [silent]) =>
    training({ takenBack: { reason: 'Preempted', message: 'for another', since: 1_500, ...back } }, pods);
  const requeued = { exitClass: 'interrupted', message: 'for another', requeued: true };
  expect(taken({})).toEqual(requeued);
  expect(taken({ since: 2_000 })).toEqual(requeued);
  expect(taken({ since: 2_001 }).message).toBe(words);
  expect(taken({ until: 1_001 })).toEqual(requeued);
  expect(taken({ until: 1_000 }).message).toBe(words);
  // Pods of one life are made together: where one is of the life after, all are.
  const late = pod({ ...silent, index: 1, createdAt: 1_200 });
  expect(taken({ until: 1_100 }, [silent, late]).message).toBe(words);
  // Of one that is queued again, and admitted, only the time of the former is known: its pods had ended by then.
  expect(taken({ since: 12_000, until: 13_000 })).toEqual(requeued);
  expect(taken({ since: 12_001, until: 13_000 }).message).toBe(words);
  for (const reason of ['NodeFailures', 'PodsReadyTimeout'])
    expect(taken({ reason })).toEqual({ exitClass: 'infrastructure', message: 'for another' });
});

it('asks who ended it from above only where trying again could help, or nobody knows', () => {
  const by = (exitClass: Parameters<typeof ended>[0]) => training(held, [ended(exitClass)]).message;
  expect([by('interrupted'), by('infrastructure'), by('unknown')]).toEqual(
    Array.from({ length: 3 }, () => 'r1-train-a1 is suspended'),
  );
  expect([by('data'), by('storage'), by('succeeded')]).toEqual(['says data', 'says storage', 'done']);
});

it('counts as it was condemned, and at a budget’s limit as its pods say', () => {
  const verdict = { exitClass: 'hung', message: 'it stands still' } as const;
  const condemned: ActiveState = { ...running('train'), kind: 'stopping', why: 'trouble', verdict };
  expect(attemptOutcome(condemned, [silent], held)).toEqual(verdict);
  expect(attemptOutcome(condemned, [ended('succeeded')], held).exitClass).toBe('succeeded');
  const spent: ActiveState = { ...condemned, why: 'budget', verdict: null };
  expect(attemptOutcome(spent, [silent], held).message).toBe(words);
  expect(attemptOutcome(stopping('cancel'), [ended('infrastructure')], held).message).toBe(
    'says infrastructure',
  );
});

it('says of a job that is gone or has succeeded without a pod what that means', () => {
  expect(attemptOutcome(running('train'), [], undefined)).toEqual({
    exitClass: 'interrupted',
    message: 'its job is not on the cluster any more, and left no pod',
  });
  expect(attemptOutcome(running('train'), [], { ...held, state: 'succeeded' })).toEqual({
    exitClass: 'succeeded',
    message: 'done',
  });
});
