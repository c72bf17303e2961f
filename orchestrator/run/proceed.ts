import type { RunEvent } from './event.ts';
import type { Run, RunState } from './state.ts';
import type { View } from './view.ts';

/** The next stage of the run, its end, or its giving up where that was asked for. */
export function proceed(run: Run, view: View, attempt: number): readonly RunEvent[] {
  const next = view.stages.find((stage) => !run.done.includes(stage));
  if (next === undefined) return [{ type: 'succeeded' }];
  if (view.cancel || view.interrupt) return giveUp(view, run.state);
  return [{ type: 'stage-launched', stage: next, attempt }];
}

export function giveUp(view: Pick<View, 'cancel'>, was: RunState): readonly RunEvent[] {
  if (view.cancel || (was.kind === 'stopping' && was.why === 'cancel'))
    return [{ type: 'stopped', message: 'cancelled by a person' }];
  const message =
    was.kind === 'queued' ? 'its controller ended before it began' : 'its controller ended while it ran';
  return [{ type: 'interrupted', message }];
}
