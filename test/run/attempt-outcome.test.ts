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
    attemptOutcome(running('train'), [], { ...held, state: 'failed', ...facts }).message;
  expect(outcome({ message: 'no quota', reason: 'Why' })).toBe('no pod of it ever ran: no quota');
  expect(outcome({ message: '', reason: 'Why' })).toBe('no pod of it ever ran: Why');
  expect(outcome({ message: '', reason: '' })).toBe('no pod of it ever ran: its controllers do not say why');
  expect(attemptOutcome(running('train'), [], held)).toEqual({
    exitClass: 'interrupted',
    message: 'r1-train-a1 is suspended',
  });
});
