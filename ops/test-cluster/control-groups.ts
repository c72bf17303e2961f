import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** Of cgroup v2, or of v1, where each controller has a folder of its own. */
const ROOT = '/sys/fs/cgroup';

/** Folders in which groups can be made: one in v2, one for each controller in v1. */
export const hierarchies = (): readonly string[] =>
  [
    ROOT,
    ...readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(ROOT, name)),
  ].filter((folder) => existsSync(join(folder, 'cgroup.procs')));

/** What kubelets of this machine have made for their pods. */
export const podGroups = (): readonly string[] =>
  hierarchies().flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name === 'kubepods')
      .map((name) => join(folder, name)),
  );

/** Whether a process is in a group or below it. Groups outlive a kubelet that was killed, empty. */
export function isInUse(group: string): boolean {
  return (
    readFileSync(join(group, 'cgroup.procs'), 'utf8').trim() !== '' ||
    readdirSync(group, { withFileTypes: true }).some(
      (entry) => entry.isDirectory() && isInUse(join(group, entry.name)),
    )
  );
}

/** From the leaves up; their files go with them. A group in use stays. */
export function removeGroup(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroup(join(folder, entry.name));
  try {
    rmdirSync(folder);
  } catch {
    // Still in use; whoever looks for leftovers will tell.
  }
}
