// A server over the store of a folder, as `stint serve` makes it, that attends no runs; its address is the only line it prints.
// A process of its own, so that it can be killed.
import { join } from 'node:path';
import { makeServer } from '../../orchestrator/api/make-server.ts';
import { servedOver } from '../../orchestrator/api/served-over.ts';
import { OWNER } from '../../orchestrator/contract/caller.ts';
import { runManifests } from '../../orchestrator/controller/run-manifests.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { priceOn } from '../../orchestrator/ledger/price-on.ts';
import { NO_LOG } from '../../orchestrator/logging/open-log.ts';
import { ProgressHub } from '../../orchestrator/operations/progress-hub.ts';
import { siteOf } from '../../orchestrator/operations/site-of.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';

const [home = '.'] = process.argv.slice(2);
const store = await openStore(join(home, 'stint.db'));
const workplace = {
  store,
  now: Date.now,
  host: null,
  isAlive: () => false,
  random: Math.random,
  priceOf: (time) => priceOn(null, time),
  workFolder: ({ id }) => join(home, 'runs', id),
  manifests: runManifests(({ id }) => join(home, 'runs', id)),
  log: NO_LOG,
  owner: `server-${process.pid}`,
  pid: process.pid,
} satisfies Partial<Workplace> as unknown as Workplace;
const unasked = (): Promise<never> => Promise.reject(new Error('it looks at no cluster'));
const server = makeServer(
  servedOver({
    workplace,
    site: siteOf(home, {
      requireReady: async () => undefined,
      interrupt: new AbortController().signal,
      surveyMachine: unasked,
      surveyCluster: unasked,
      readInventory: unasked,
      leftovers: () => ({ find: unasked, release: unasked }),
    }),
    hub: new ProgressHub(),
    version: '0.0.0',
    callerOf: async () => OWNER,
    attended: async () => 0,
    audit: () => undefined,
    defect: (error) => console.error(error),
  }),
);
console.log(await server.listen({ host: '127.0.0.1', port: 0 }));
