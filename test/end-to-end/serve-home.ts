import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { z } from 'zod';
import { PRINTED } from '../../orchestrator/contract/printed.ts';
import { BIN, until } from './stint.ts';

export type Serving = z.infer<(typeof PRINTED)['serve']>;

/** `stint serve` over a home, until the test is over. */
export async function serveHome(home: string, ...args: readonly string[]) {
  const serving = await startServe(home, { args });
  onTestFinished(() => void serving.server.kill('SIGKILL'));
  return serving;
}

interface How {
  readonly args?: readonly string[];
  /** Address of a store that it shares with others; default: the home's own. */
  readonly store?: string;
}

/** At a free port of this machine, once it serves; `said` is all that it says to a person. */
export async function startServe(home: string, { args = [], store = '' }: How) {
  const server = execa(
    process.execPath,
    [BIN, '--home', home, 'serve', '--listen', '127.0.0.1:0', '--json', ...args],
    {
      reject: false,
      stdin: 'ignore',
      env: { STINT_STORE: store, STINT_HOME: '', STINT_SERVER: '' },
    },
  );
  let [printed, said] = ['', ''];
  server.stdout.on('data', (chunk: Buffer) => void (printed += chunk.toString()));
  server.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  await until('it serves', async () => printed.includes('\n}'));
  return { server, said: () => said, ...PRINTED.serve.parse(JSON.parse(printed)) };
}
