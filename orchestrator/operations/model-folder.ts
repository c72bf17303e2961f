import { join } from 'node:path';
import { elsewhere, machineOf } from '../controller/elsewhere.ts';
import type { Workplace } from '../controller/workplace.ts';
import type { Checkpoint } from '../registry/checkpoint.ts';
import { findRun } from './find-runs.ts';

/** Where a checkpoint's files lie, as this machine sees them; which other machine has them, where this one cannot. */
export async function modelFolder(
  workplace: Pick<Workplace, 'store' | 'workFolder' | 'host'>,
  { run }: Pick<Checkpoint, 'run'>,
): Promise<{ readonly folder: string } | { readonly machine: string }> {
  const record = await findRun(workplace.store, run);
  const host = elsewhere(workplace, record);
  if (host !== null) return { machine: machineOf(host) };
  return { folder: join(workplace.workFolder(record), 'model') };
}
