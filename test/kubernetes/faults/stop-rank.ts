import { readdir, readFile } from 'node:fs/promises';
import { containerProcess } from './container-process.ts';

/** SIGSTOP of a training process in a pod's container on the real node: it neither ends nor goes on, as one that hangs. */
export async function stopRank(namespace: string, pod: string): Promise<void> {
  const first = await containerProcess(namespace, pod);
  for (const pid of await descendants(first)) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    // What torchrun gives a rank; whatever that starts itself comes after it.
    if (!/(^|\0)LOCAL_RANK=/.test(environment)) continue;
    process.kill(pid, 'SIGSTOP');
    return;
  }
  throw new Error(`no rank runs in ${pod}`);
}

/** Children of a process and theirs, the nearer ones first. */
async function descendants(first: number): Promise<readonly number[]> {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map<number, number>();
  for (const pid of all) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const found = [first];
  for (const parent of found) found.push(...all.filter((pid) => parents.get(pid) === parent));
  return found.slice(1);
}
