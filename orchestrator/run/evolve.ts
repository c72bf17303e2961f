import type { Stage } from '../wire/job-spec.ts';
import type { RecordedEvent, RunEvent } from './event.ts';
import { NEW_RUN, type Run, type RunState } from './state.ts';

/** The run after an event. Total: an event that does not fit the state changes nothing that matters. */
export function evolve(run: Run, event: RunEvent): Run {
  switch (event.type) {
    case 'stage-launched': {
      const isRetry = run.attempt > 0 && event.attempt > run.attempt && run.state.kind === 'running';
      const state = { kind: 'running', stage: event.stage, attempt: event.attempt } as const;
      return { ...run, state, attempt: event.attempt, retries: run.retries + (isRetry ? 1 : 0) };
    }
    case 'attempt-ended':
      return event.exitClass === 'succeeded' && !run.done.includes(event.stage)
        ? { ...run, done: [...run.done, event.stage] }
        : run;
    case 'plan-reviewed':
      return collected(run, 'prepare');
    case 'checkpoint-registered':
      return { ...collected(run, 'export'), checkpoint: event.checkpoint };
    case 'evaluation-recorded':
      return collected(run, 'evaluate');
    case 'stop-requested':
      return { ...run, state: stopping(run.state, event.why) };
    case 'resumed':
      return { ...run, state: { kind: 'queued' }, retries: 0 };
    case 'interrupted':
    case 'stopped':
      return { ...run, state: { kind: event.type, message: event.message } };
    case 'failed': {
      const { type, ...failure } = event;
      return { ...run, state: { kind: type, ...failure } };
    }
    case 'succeeded':
      return { ...run, state: { kind: 'succeeded', checkpoint: run.checkpoint ?? '' } };
  }
}

const collected = (run: Run, stage: Stage): Run => ({ ...run, collected: [...run.collected, stage] });

function stopping(state: RunState, why: 'cancel' | 'interrupt'): RunState {
  if (state.kind === 'running') return { kind: 'stopping', stage: state.stage, attempt: state.attempt, why };
  return state.kind === 'stopping' ? { ...state, why } : state;
}

export const foldRun = (events: readonly RecordedEvent[]): Run =>
  events.reduce((run, { event }) => evolve(run, event), NEW_RUN);
