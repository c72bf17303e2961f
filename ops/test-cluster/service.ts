import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupFault } from '../setup/tool.mjs';
import { KEYS, LOGS, RUN } from './layout.ts';
import { endProcesses, isAlive, startOf } from './processes.ts';

/** One program of the cluster: how it is started and when it is ready. */
export interface Service {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers 200, or true, when the program serves. */
  readonly ready: string | (() => Promise<boolean>);
}

const READY_WITHIN_MS = 90_000;
/** A start is known to the tick, the boot to the second. */
const CLOCKS_DIFFER_MS = 3_000;

/** Starts a program that outlives this process, its output in a log, and waits until it is ready. */
export async function start({ name, command: [program, ...args], env, ready }: Service): Promise<void> {
  if (isRunning(name)) return;
  if (typeof ready === 'string' && (await answers(ready)))
    throw new SetupFault(
      `${name} cannot start: something else answers at ${ready}`,
      'end the test cluster of the other clone there (`npm run cluster -- down`)',
    );
  const log = openSync(logOf(name), 'a');
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...env },
  });
  closeSync(log);
  const failed = new Promise<never>((_, fail) => child.once('error', fail));
  await Promise.race([readyOrDead(name, child, ready), failed]);
  child.unref();
}

async function readyOrDead(name: string, child: ChildProcess, ready: Service['ready']): Promise<void> {
  writeFileSync(pidFile(name), String(child.pid));
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await (typeof ready === 'string' ? answers(ready) : ready()))) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || Date.now() > until) {
      const why = ended ? `ended (${child.exitCode ?? child.signalCode})` : 'is not ready after 90 s';
      throw new SetupFault(
        `${name} ${why}; the end of its log:\n${lastLines(logOf(name), 20)}`,
        `read ${logOf(name)}, then \`npm run cluster -- down\` and up again`,
      );
    }
    await sleep(50);
  }
}

/** Ends programs together. */
export async function stop(names: readonly string[], withinMs?: number): Promise<void> {
  await endProcesses(
    names.map(pidOf).flatMap((pid) => (pid === undefined ? [] : [{ pid }])),
    withinMs,
  );
  for (const name of names) rmSync(pidFile(name), { force: true });
}

export const isRunning = (name: string): boolean => pidOf(name) !== undefined;

const logOf = (name: string): string => join(LOGS, `${name}.log`);

const pidFile = (name: string): string => join(RUN, `${name}.pid`);

/** Process id of a program that was started and lives; never that of a later process that was given the same number. */
export function pidOf(name: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile(name), 'utf8'));
    const writtenAt = statSync(pidFile(name)).mtimeMs;
    return isAlive(pid) && startOf(pid) < writtenAt + CLOCKS_DIFFER_MS ? pid : undefined;
  } catch {
    return undefined;
  }
}

function answers(url: string): Promise<boolean> {
  return new Promise((done) => {
    const answer = (response: { statusCode?: number | undefined; resume: () => unknown }) => {
      response.resume();
      done(response.statusCode === 200);
    };
    const call = url.startsWith('https:') ? request(url, tls(), answer) : get(url, answer);
    call.setTimeout(2_000, () => call.destroy());
    call.on('error', () => done(false));
    call.end();
  });
}

function tls() {
  const read = (name: string) => readFileSync(join(KEYS, name));
  return { ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key') };
}

function lastLines(path: string, count: number): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}
