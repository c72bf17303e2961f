import { parseJson } from '../wire/parse-json.ts';
import { type TrainerEvent, TrainerEventSchema } from '../wire/trainer-event.ts';

/** The event in a line of a pod's log, or null: events stand among ordinary lines of libraries and stack traces. */
export function parseEvent(line: string): TrainerEvent | null {
  if (!line.startsWith('{"event"')) return null;
  return TrainerEventSchema.safeParse(parseJson(line)).data ?? null;
}
