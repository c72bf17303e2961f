import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names this process for all time: process ids come back, the moment of a process's start does not. */
export function processIdentity(pid: number = process.pid): string {
  return [hostname(), pid, startOf(pid) ?? 'gone', processTable() ?? 'unknown'].join('/');
}

/**
 * False only when the process that had this identity is known to be gone. One on another machine, or of an earlier boot of
 * this one, cannot be looked at, so it counts as alive.
 */
export function isProcessAlive(identity: string): boolean {
  const [host, pid, start, table] = identity.split('/');
  // Two machines may bear the same name; the name alone would let one declare the other's processes dead.
  if (host !== hostname() || table === undefined || table !== processTable()) return true;
  return startOf(Number(pid)) === start;
}

/** The machine's name for itself. */
export const machineOfProcess = (identity: string): string => identity.split('/')[0] ?? '';

/** Which processes this one can see: those of this boot of this machine, and of this container; null when unknown. */
function processTable(): string | null {
  try {
    if (process.platform === 'linux') {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      return `${boot}+${readlinkSync('/proc/self/ns/pid')}`;
    }
    return execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

/** When the process started, in the kernel's own words; null when there is none. */
function startOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      // The name in brackets may hold spaces; the start is field 22 of proc(5), the 20th behind the brackets.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? null : (fields[19] ?? null);
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}
