import type { Caller } from '../contract/caller.ts';
import type { Workplace } from '../controller/workplace.ts';

/** Where an operation works, and for whom. */
export interface Desk {
  readonly workplace: Workplace;
  readonly caller: Caller;
}
