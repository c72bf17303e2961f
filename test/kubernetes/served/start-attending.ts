import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { until } from '../../end-to-end/stint.ts';
import type { ScriptedPlace } from '../scripted-run.ts';
import type { ServerProcess } from './disturbed-servers.ts';

const SCRIPT = join(import.meta.dirname, 'scripted-process.ts');

/**
 * A process that attends the scripted runs of a place, once it does.
 *
 * @param kubeconfig - As whom it asks the cluster.
 */
export async function startAttending(place: ScriptedPlace, kubeconfig?: string): Promise<ServerProcess> {
  const file = join(place.home, 'place.json');
  await writeFile(file, JSON.stringify(place));
  const child = execa(process.execPath, [SCRIPT, file], {
    reject: false,
    stdin: 'ignore',
    stderr: 'inherit',
    buffer: false,
    env: { STINT_TEST_SERVED: '', ...(kubeconfig !== undefined && { KUBECONFIG: kubeconfig }) },
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  await until('it attends', async () => said.includes('ready'));
  return { port: null, kill: (signal) => void child.kill(signal) };
}
