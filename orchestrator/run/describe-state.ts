import type { RunState } from './state.ts';
import type { Status } from './status.ts';

/** The same by what its cluster says of it just now: `queued: train`, `starting: train, attempt 2`, `evaluating`. */
export function describeNow(state: RunState, status: Status): string {
  if (state.kind === 'queued') return status;
  if (state.kind !== 'running') return describeState(state);
  const attempt = state.attempt > 1 ? `, attempt ${state.attempt}` : '';
  return SAYS_ITS_STAGE.includes(status) ? `${status}${attempt}` : `${status}: ${state.stage}${attempt}`;
}

const SAYS_ITS_STAGE: readonly Status[] = ['preparing', 'exporting', 'evaluating'];

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
