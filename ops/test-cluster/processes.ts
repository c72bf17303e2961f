import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Process {
  readonly pid: number;
  readonly command: string;
}

/** Live processes with this text in their command line, without the one that asks. */
export function processesWith(text: string): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), command: commandOf(Number(name)) }))
    .filter(({ command }) => command.includes(text));
}

/** A process that its parent has not reaped yet answers to signals, but does not live; its command line is empty. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** When a process started, in milliseconds since 1970, to a second or so; proc(5): field 22 of stat, in ticks since boot. */
export function startOf(pid: number): number {
  const [, afterName = ''] = /\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  const ticks = Number(afterName.split(' ')[19]);
  const [, boot] = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8')) ?? [];
  return Number(boot) * 1_000 + ticks * 10;
}

/** SIGTERM to all of them at once, and SIGKILL for one that is still there after a while. */
export async function endProcesses(
  processes: readonly { readonly pid: number }[],
  withinMs = 10_000,
): Promise<void> {
  const live = processes.filter(({ pid }) => isAlive(pid));
  for (const { pid } of live) signal(pid, 'SIGTERM');
  const until = Date.now() + withinMs;
  for (const { pid } of live) while (isAlive(pid) && Date.now() < until) await sleep(50);
  for (const { pid } of live) if (isAlive(pid)) signal(pid, 'SIGKILL');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}
