import type { ChangeFeed } from '../ports/store.ts';

/** The change feed as an adapter makes it: it finds out what other processes write, and is told what this one does. */
export interface StoreFeed extends ChangeFeed {
  readonly wrote: (subject: string) => void;
  readonly close: () => void;
}
