import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { attendAll } from '../../orchestrator/controller/attend-all.ts';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import { isProcessAlive, processIdentity } from '../../orchestrator/documents/process-identity.ts';
import type { LedgerStore, RunStore, StepStore, Store } from '../../orchestrator/ports/store.ts';
import { openPostgres } from '../../orchestrator/store/open-postgres.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { folderCluster } from './folder-cluster.ts';
import { shellWorkplace } from './shell-runs.ts';

/**
 * A process that attends the runs of a store on a cluster that outlives it: `node attend-process.ts ADDRESS HOME [stranger]`. It says
 * `ready`, then one line of JSON for all that it tells. A stranger is on a machine of its own: it cannot see whether others live.
 */
const [address = '', home = '', how = ''] = process.argv.slice(2);

const say = (what: unknown): void => void writeSync(1, `${JSON.stringify(what)}\n`);

const isStranger = how === 'stranger';
const owner = isStranger ? `machine-${process.pid}/1/1/1` : processIdentity();
const store = address.includes('://')
  ? (await openPostgres(address, Date.now)).store
  : await openStore(address);
/** Says what was accepted of it. */
const telling =
  <Args extends unknown[], T>(what: string, write: (...args: Args) => Promise<T>) =>
  async (...args: Args): Promise<T> => {
    const written = await write(...args);
    say({ wrote: what });
    return written;
  };
const told: Store = {
  ...store,
  runs: {
    ...store.runs,
    append: telling('events', (...as: Parameters<RunStore['append']>) => store.runs.append(...as)),
  },
  ledger: {
    ...store.ledger,
    record: telling('facts', (...as: Parameters<LedgerStore['record']>) => store.ledger.record(...as)),
  },
  steps: {
    ...store.steps,
    record: telling('steps', (...as: Parameters<StepStore['record']>) => store.steps.record(...as)),
  },
};
const shell = shellWorkplace({
  store: told,
  home,
  owner,
  isAlive: ({ owner: other }) => isProcessAlive(other),
});
const cluster = folderCluster(join(home, 'cluster'), owner);
const interrupt = new AbortController();
process.on('SIGTERM', () => interrupt.abort());
say({ ready: owner });
await attendAll(
  { ...shell, clusterFor: async () => cluster, loadTemplates },
  {
    interrupt: interrupt.signal,
    force: new AbortController().signal,
    onProgress: say,
    onWarning: (warning) => say({ warning }),
  },
);
await store.close();
process.exit(0);
