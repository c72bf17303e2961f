import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { until } from '../../end-to-end/stint.ts';
import type { ServerProcess } from './disturbed-servers.ts';

/**
 * A process that attends the runs of a place, once it does.
 *
 * @param script - Reads the place from the file that it is given, and says `ready`.
 * @param kubeconfig - As whom it asks the cluster.
 */
export async function startAttending(
  script: string,
  place: { readonly home: string },
  kubeconfig?: string,
): Promise<ServerProcess> {
  const file = join(place.home, 'place.json');
  await writeFile(file, JSON.stringify(place));
  const child = execa(process.execPath, [script, file], {
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
