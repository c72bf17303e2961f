import { BUDGETS, OPEN_RUNS, type Store } from '../ports/store.ts';
import type { StoreFeed } from './store-feed.ts';

/** The same store, whose feed hears at once of what this process has written. */
export function tellingStore(store: Omit<Store, 'changes'>, feed: StoreFeed): Store {
  const { runs, requests, budgets, histories } = store;
  return {
    ...store,
    changes: feed,
    runs: {
      ...runs,
      create: async (records) => {
        await runs.create(records);
        feed.wrote(OPEN_RUNS);
      },
      append: async (run, ...events) => {
        const recorded = await runs.append(run, ...events);
        if (recorded.length > 0) feed.wrote(run);
        return recorded;
      },
    },
    histories: {
      ...histories,
      restore: async (...restored) => {
        const isNew = await histories.restore(...restored);
        if (isNew) feed.wrote(OPEN_RUNS);
        return isNew;
      },
    },
    requests: {
      ...requests,
      ask: async (run, ...asked) => {
        await requests.ask(run, ...asked);
        feed.wrote(run);
      },
      withdraw: async (run, kind) => {
        await requests.withdraw(run, kind);
        feed.wrote(run);
      },
    },
    budgets: {
      ...budgets,
      apply: async (...applied) => {
        const before = await budgets.apply(...applied);
        feed.wrote(BUDGETS);
        return before;
      },
      admit: async (admission, judge) => {
        await budgets.admit(admission, judge);
        for (const { run } of admission.resume) feed.wrote(run);
        feed.wrote(OPEN_RUNS);
      },
    },
    close: async () => {
      feed.close();
      await store.close();
    },
  };
}
