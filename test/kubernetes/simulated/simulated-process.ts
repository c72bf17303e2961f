import { readFileSync, writeSync } from 'node:fs';
import { attendAll } from '../../../orchestrator/controller/attend-all.ts';
import { isProcessAlive, processIdentity } from '../../../orchestrator/documents/process-identity.ts';
import { openPostgres } from '../../../orchestrator/store/open-postgres.ts';
import type { ServedPlace } from './served-runs.ts';
import { workplaceOn } from './simulated-runs.ts';

/** A process that attends simulated runs: `node simulated-process.ts FILE`, in which their place stands. It says `ready`. */
const { home, address } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ServedPlace;
const { store } = await openPostgres(address, Date.now);
const interrupt = new AbortController();
process.on('SIGTERM', () => interrupt.abort());
const workplace = {
  ...workplaceOn(store, home),
  owner: processIdentity(),
  isAlive: ({ owner }: { readonly owner: string }) => isProcessAlive(owner),
};
writeSync(1, 'ready\n');
await attendAll(workplace, {
  interrupt: interrupt.signal,
  force: new AbortController().signal,
  onProgress: () => undefined,
  onWarning: (warning) => console.error(warning),
});
await store.close();
process.exit(0);
