import type { ErrorCode } from '../../orchestrator/errors/catalogue.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';

/** What goes wrong with the next order to the cluster. */
export type OrderTrouble =
  /** Done; the answer never comes. */
  | 'answer-lost'
  /** Done; the answer takes its time. */
  | 'answer-late'
  /** Of several objects only the first is made. */
  | 'halfway'
  /** Refused for a moment, in a way that nobody has foreseen. */
  | 'failed'
  /** An admission policy does not allow it, for good. */
  | 'refused';

/** What stands between a controller, its cluster and its store just now. */
export class Trouble {
  /** The API server does not answer before. */
  unreadableUntil = 0;
  /** Watches are behind by so many milliseconds. */
  podsLate = 0;
  jobsLate = 0;
  /** Streams that were open before are cut. */
  cuts = 0;
  /** So many times what was seen is told once more. */
  repeats = 0;
  /** Some calls of the store fail before. */
  storeBusyUntil = 0;
  logsLate = 0;
  order: OrderTrouble | null = null;

  takeOrder(kinds: readonly OrderTrouble[]): OrderTrouble | null {
    const { order } = this;
    if (order === null || !kinds.includes(order)) return null;
    this.order = null;
    return order;
  }
}

const problem = (code: ErrorCode, what: string) =>
  new StintError({ code, where: 'cluster', what, todo: 'wait' });
export const unreachable = () => problem('cluster-unreachable', 'the API server does not answer');
export const refused = () => problem('cluster-forbidden', 'a policy does not allow it');
export const busy = () => problem('store-busy', 'another process kept the store locked for too long');
export const lost = () => problem('store-unreachable', 'the store is gone');
