import type { RunEvent } from './event.ts';
import { isAtRest, type Run } from './state.ts';

const MESSAGE = 'released: a person took its objects off the cluster';

/** What is recorded of a run when all that its cluster had of it was taken away, and its time is settled; at rest from then on. */
export function releasedEvents({ state, released }: Run): readonly RunEvent[] {
  const events: RunEvent[] = [];
  if ((state.kind === 'running' || state.kind === 'stopping') && state.over === null) {
    const { stage, attempt } = state;
    events.push({ type: 'attempt-ended', stage, attempt, exitClass: 'interrupted', message: MESSAGE });
  }
  if (!isAtRest(state)) events.push({ type: 'stopped', message: MESSAGE });
  if (!released) events.push({ type: 'released' });
  return events;
}
