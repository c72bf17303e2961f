import type { Stage } from '../wire/job-spec.ts';
import { warningKey } from './budget-standing.ts';
import type { RecordedEvent, RunEvent } from './event.ts';
import { type ActiveState, NEW_RUN, type Run } from './state.ts';

/**
 * Raise it with any change after which the same events add up to another run: what is kept of
 * earlier sums counts no more. A migration then keeps it again, so that runs can be found by their states.
 */
export const FOLD_VERSION = 1;

/** The run after an event. Total: an event that does not fit the state changes nothing that matters. */
export function evolve(run: Run, event: RunEvent): Run {
  switch (event.type) {
    case 'stage-launched': {
      const isRetry = event.attempt > run.attempt && isActive(run);
      const { stage, attempt } = event;
      const state = { kind: 'running', stage, launch: attempt, attempt, over: null } as const;
      return { ...run, state, attempt, retries: run.retries + (isRetry ? 1 : 0), released: false };
    }
    case 'attempt-began': {
      const { attempt, retry } = event;
      const began = active(run, (state) => ({ ...state, attempt, over: null }));
      return { ...began, attempt, retries: run.retries + (retry ? 1 : 0) };
    }
    case 'attempt-condemned': {
      const { type: _, stage: __, attempt: ___, ...verdict } = event;
      return active(run, (state) => ({ ...state, kind: 'stopping', why: 'trouble', verdict }));
    }
    case 'attempt-ended':
      return attemptEnded(run, event);
    case 'plan-reviewed':
      return collected(run, 'prepare');
    case 'checkpoint-registered':
      return { ...collected(run, 'export'), checkpoint: event.checkpoint };
    case 'evaluation-recorded':
      return collected(run, 'evaluate');
    case 'stop-requested':
      return active(run, (state) => {
        const verdict = state.kind === 'stopping' ? state.verdict : null;
        const { type: _, ...asked } = event;
        return { ...state, kind: 'stopping', verdict, ...asked };
      });
    case 'budget-warned':
      return { ...run, warned: [...run.warned, warningKey(event)] };
    case 'warned':
    case 'prediction-measured':
      return run;
    case 'resumed':
      return {
        ...run,
        state: { kind: 'queued' },
        retries: 0,
        unfit: [],
        released: false,
        budget: event.budget ?? run.budget,
      };
    case 'interrupted':
    case 'stopped':
      return { ...run, state: { kind: event.type, message: event.message } };
    case 'failed': {
      const { type, ...failure } = event;
      return { ...run, state: { kind: type, ...failure } };
    }
    case 'succeeded':
      return { ...run, state: { kind: 'succeeded', checkpoint: run.checkpoint ?? '' } };
    case 'released':
      return { ...run, released: true };
  }
}

function attemptEnded(run: Run, event: RunEvent & { type: 'attempt-ended' }): Run {
  const { exitClass, message, stage, nodes = [], requeued } = event;
  const suspects = [...run.suspects, ...nodes];
  const ended = active(run, (state) => ({
    ...state,
    over: { exitClass, message, nodes, ...(requeued && { requeued }) },
  }));
  const unfit = exitClass === 'unfit' ? [...run.unfit, nodes] : run.unfit;
  if (exitClass !== 'succeeded' || run.done.includes(stage)) return { ...ended, suspects, unfit };
  return { ...ended, suspects, unfit, done: [...run.done, stage] };
}

const isActive = ({ state }: Run): boolean => state.kind === 'running' || state.kind === 'stopping';

function active(run: Run, change: (state: ActiveState) => ActiveState): Run {
  const { state } = run;
  return state.kind === 'running' || state.kind === 'stopping' ? { ...run, state: change(state) } : run;
}

const collected = (run: Run, stage: Stage): Run => ({ ...run, collected: [...run.collected, stage] });

export const foldRun = (events: readonly RecordedEvent[]): Run =>
  events.reduce((run, { event }) => evolve(run, event), NEW_RUN);
