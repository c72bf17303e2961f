import { readFileSync } from 'node:fs';
import { isProcessAlive, processIdentity } from '../../../orchestrator/documents/process-identity.ts';
import { openPostgres } from '../../../orchestrator/store/open-postgres.ts';
import { attendUntilTold } from '../served/attend-until-told.ts';
import type { ServedPlace } from './served-runs.ts';
import { workplaceOn } from './simulated-runs.ts';

/** A process that attends simulated runs: `node simulated-process.ts FILE`, in which their place stands. It says `ready`. */
const { home, address } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ServedPlace;
const { store } = await openPostgres(address, Date.now);
await attendUntilTold({
  ...workplaceOn(store, home),
  owner: processIdentity(),
  isAlive: ({ owner }) => isProcessAlive(owner),
});
