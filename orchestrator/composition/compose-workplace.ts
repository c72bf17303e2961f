import { join } from 'node:path';
import type { Workplace } from '../controller/workplace.ts';
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
  const [
    { codeVersion },
    identity,
    { openLog, NO_LOG },
    { keptLogs },
    { loadPriceBook },
    { priceOn },
    { realClock },
    { runManifests },
  ] = await Promise.all([
    import('../documents/code-version.ts'),
    import('../documents/process-identity.ts'),
    import('../logging/open-log.ts'),
    import('../documents/kept-logs.ts'),
    import('../documents/load-price-book.ts'),
    import('../ledger/price-on.ts'),
    import('../controller/clock.ts'),
    import('../controller/run-manifests.ts'),
  ]);
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
    owner: identity.processIdentity(),
    pid: process.pid,
    host,
    isAlive: (lease) => identity.isProcessAlive(lease.owner),
  };
}
