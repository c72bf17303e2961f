import { endsRun, type RecordedEvent, type RunEvent } from './event.ts';

export interface Attempt {
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** How it ended, for a person; null while it runs. */
  readonly cause: string | null;
}

/** The attempts of a run, oldest first, and why each ended. */
export function attemptsOf(events: readonly RecordedEvent[]): readonly Attempt[] {
  const attempts = new Map<number, Attempt>();
  for (const { at, event } of events) {
    if (event.type === 'stage-launched' || event.type === 'attempt-began') {
      const known = attempts.get(event.attempt);
      const fresh = { number: event.attempt, startedAt: at };
      attempts.set(event.attempt, { ...(known ?? fresh), endedAt: null, cause: null });
    }
    if (event.type === 'attempt-ended') {
      const known = attempts.get(event.attempt);
      const cause =
        event.exitClass === 'succeeded'
          ? 'succeeded'
          : `${event.stage}: ${event.exitClass}: ${event.message}`;
      if (known) attempts.set(event.attempt, { ...known, endedAt: at, cause });
    }
    // With the run whatever goes on of it is over.
    if (endsRun(event))
      for (const attempt of attempts.values())
        if (attempt.endedAt === null)
          attempts.set(attempt.number, { ...attempt, endedAt: at, cause: causeOf(event) });
  }
  return [...attempts.values()];
}

const causeOf = (event: RunEvent): string =>
  'message' in event ? `${event.type}: ${event.message}` : event.type;
