import { endsRun, type RunEvent } from '../run/event.ts';

/**
 * Whether a run is done with after these events: it is at rest, and where its pods outlive stint its cluster was told that
 * it may forget them. Undefined where they change nothing of that.
 */
export function closes(events: readonly RunEvent[], outlives: boolean): boolean | undefined {
  return events.reduce<boolean | undefined>((closed, event) => {
    if (event.type === 'released') return true;
    if (endsRun(event)) return !outlives;
    return event.type === 'resumed' || event.type === 'stage-launched' ? false : closed;
  }, undefined);
}
