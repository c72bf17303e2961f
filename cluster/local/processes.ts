import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { errorCode } from './error-code.ts';

/** A variable in the environment of a process, which its children inherit. */
export type Marker = readonly [name: string, value: string];

/**
 * Living processes that carry the marker, in whatever process group or session. Zombies hold nothing and are left
 * out: their environment reads as empty. Not found: a process that cleared its environment and left its group.
 */
export async function processesMarked([name, value]: Marker): Promise<readonly number[]> {
  const text = `${name}=${value}`;
  return process.platform === 'linux' ? markedInProc(text) : markedByPs(text);
}

async function markedInProc(text: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const marked = await Promise.all(
    pids.map(async (pid) => {
      // Gone meanwhile, or of another user: not ours.
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').includes(text);
    }),
  );
  return pids.filter((_, index) => marked[index]).map(Number);
}

/** macOS has no /proc; its ps prints the environment of the user's own processes after the command. */
async function markedByPs(text: string): Promise<readonly number[]> {
  const { stdout } = await execa('ps', ['-axwwE', '-o', 'pid=,stat=,command=']);
  return stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null && !match[2]?.startsWith('Z') && ` ${match[3]} `.includes(` ${text} `))
    .map((match) => Number(match?.[1]));
}

/** Sends a signal, if the process is still there. On macOS a group of zombies answers EPERM instead of ESRCH. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/**
 * Kills every process that carries the marker, and returns when none is left. It takes two empty looks in a row: a
 * process may fork while the table is being read, and only the child may be left when its place has been passed.
 */
export async function killMarked(marker: Marker, signal?: AbortSignal): Promise<void> {
  for (let emptyLooks = 0, pause = 5; emptyLooks < 2; pause = Math.min(pause * 2, 500)) {
    signal?.throwIfAborted();
    const pids = await processesMarked(marker);
    emptyLooks = pids.length === 0 ? emptyLooks + 1 : 0;
    for (const pid of pids) signalProcess(pid, 'SIGKILL');
    if (pids.length > 0) await sleep(pause);
  }
}
