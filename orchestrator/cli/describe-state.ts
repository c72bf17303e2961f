import type { RunState } from '../run/state.ts';

/** A state in a few words: `running: train, attempt 2`. */
export function describeState(state: RunState): string {
  switch (state.kind) {
    case 'running':
      return `running: ${state.stage}${state.attempt > 1 ? `, attempt ${state.attempt}` : ''}`;
    case 'stopping':
      return `stopping: ${state.stage} is asked to save and end${state.budget ? `: ${state.budget.what}` : ''}`;
    case 'failed':
      return `failed in ${state.stage}: ${state.message}`;
    case 'interrupted':
    case 'stopped':
      return `${state.kind}: ${state.message}`;
    case 'queued':
    case 'succeeded':
      return state.kind;
  }
}
