import { join } from 'node:path';
import { realClock } from '../controller/clock.ts';
import { runManifests } from '../controller/run-manifests.ts';
import type { Workplace } from '../controller/workplace.ts';
import { codeVersion } from '../documents/code-version.ts';
import { keptLogs } from '../documents/kept-logs.ts';
import { loadPriceBook } from '../documents/load-price-book.ts';
import { isProcessAlive, processIdentity } from '../documents/process-identity.ts';
import { priceOn } from '../ledger/price-on.ts';
import { NO_LOG, openLog } from '../logging/open-log.ts';
import { CHECKOUT } from './checkout.ts';
import { clusters } from './clusters.ts';
import type { HostProcess } from './host-process.ts';
import type { OpenedStore } from './open-store-for.ts';

/** All that the controller works with, over a store that is open. */
export async function composeWorkplace(
  home: string,
  { store, host, isSnapshot }: OpenedStore,
  { output: { tell } }: HostProcess,
): Promise<Workplace> {
  const prices = await loadPriceBook(undefined, home);
  const root = join(home, 'local');
  // Read once, for however many runs.
  let templates: ReturnType<Workplace['loadTemplates']> | undefined;
  const workFolder: Workplace['workFolder'] = ({ id, profile: { backend } }) =>
    join(backend.kind === 'local' ? join(root, 'volumes', 'work') : (backend.workFolder ?? ''), 'runs', id);
  const log = isSnapshot ? NO_LOG : openLog(join(home, 'logs', 'stint.jsonl'));
  return {
    store,
    clusterFor: clusters(root, log, tell),
    loadTemplates: () => {
      templates ??= import('../documents/load-templates.ts').then(({ loadTemplates }) => loadTemplates());
      return templates;
    },
    workFolder,
    manifests: runManifests(workFolder),
    codeVersion: () => codeVersion(CHECKOUT),
    priceOf: (time) => priceOn(prices, time),
    log,
    keptLogs: keptLogs(join(home, 'logs', 'runs')),
    ...realClock,
    random: Math.random,
    owner: processIdentity(),
    pid: process.pid,
    host,
    isAlive: (lease) => isProcessAlive(lease.owner),
  };
}
