import type { Inspection, InspectionRequest } from '../wire/inspection.ts';

/** How far it is; `what` says what is done. */
export type OnRead = (progress: {
  readonly what: string;
  readonly done: number;
  readonly total: number | null;
}) => void;

/** Reads data as the prepare stage will. */
export interface DataReader {
  /** Another one where the reader itself has changed: what it answered before is no answer any more. */
  readonly digest: () => Promise<string>;
  /** @throws StintError where something cannot be read at all, or the reader is not installed. */
  readonly inspect: (request: InspectionRequest, onRead: OnRead) => Promise<Inspection>;
}
