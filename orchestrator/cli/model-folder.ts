import { join } from 'node:path';
import type { Workplace } from '../controller/workplace.ts';
import type { Checkpoint } from '../registry/checkpoint.ts';
import { findRun } from './run-reference.ts';

/** Where a checkpoint's files lie, as this machine sees them. */
export async function modelFolder(
  { store, workFolder }: Pick<Workplace, 'store' | 'workFolder'>,
  { run }: Pick<Checkpoint, 'run'>,
): Promise<string> {
  return join(workFolder(await findRun(store, run)), 'model');
}
