import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { z } from 'zod';
import { PRINTED } from '../../orchestrator/contract/printed.ts';
import { BIN, until } from './stint.ts';

export type Serving = z.infer<(typeof PRINTED)['serve']>;

/** `stint serve` over a home, at a free port of this machine, until the test is over; `said` is all that it says to a person. */
export async function serveHome(home: string, ...args: readonly string[]) {
  const server = execa(
    process.execPath,
    [BIN, '--home', home, 'serve', '--listen', '127.0.0.1:0', '--json', ...args],
    {
      reject: false,
      stdin: 'ignore',
      env: { STINT_STORE: '', STINT_HOME: '', STINT_SERVER: '' },
    },
  );
  onTestFinished(() => void server.kill('SIGKILL'));
  let [printed, said] = ['', ''];
  server.stdout.on('data', (chunk: Buffer) => void (printed += chunk.toString()));
  server.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  await until('it serves', async () => printed.includes('\n}'));
  return { server, said: () => said, ...PRINTED.serve.parse(JSON.parse(printed)) };
}
