import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Background } from '../cli/context.ts';
import { KINDS } from '../errors/catalogue.ts';
import { CHECKOUT } from './checkout.ts';

const STINT = join(CHECKOUT, 'bin', 'stint.mjs');

/** A stint of its own session, so that closing this terminal does not end it. */
export function startInBackground(
  home: string,
  store: string | undefined,
  args: readonly string[],
): Background {
  mkdirSync(join(home, 'logs'), { recursive: true });
  const log = join(home, 'logs', `${new Date().toISOString().replaceAll(':', '-')}.log`);
  const file = openSync(log, 'a');
  const command = [STINT, '--home', home, ...args];
  // By the environment: everybody can read a command line, and the address may hold a password.
  const env = { ...process.env, STINT_STORE: store ?? '' };
  const child = spawn(process.execPath, command, { detached: true, stdio: ['ignore', file, file], env });
  child.unref();
  return {
    pid: child.pid,
    log,
    exitCode: () => child.exitCode ?? (child.signalCode === null ? null : KINDS.failed.exitCode),
    said: () => readFileSync(log, 'utf8'),
  };
}
