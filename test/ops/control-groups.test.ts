import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hierarchies, isInUse, removeGroup } from '../../ops/test-cluster/control-groups.ts';
import { endProcesses } from '../../ops/test-cluster/processes.ts';

/** A group with one below it; undefined on a machine that allows none. */
function makeGroup(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  // One that takes a process without further settings: cpuset wants its CPUs first.
  for (const folder of hierarchies().filter((path) => !path.endsWith('cpuset')))
    try {
      const group = join(folder, `stint-use-${process.pid}`);
      mkdirSync(join(group, 'below'), { recursive: true });
      return group;
    } catch {
      // Read-only here.
    }
  return undefined;
}

it('a group is in use while a process is in it or below it, and the empty rest of an ended one is not', async ({
  skip,
}) => {
  const group = makeGroup();
  if (group === undefined) return skip('this machine allows no control groups');
  try {
    expect(isInUse(group)).toBe(false);
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    writeFileSync(join(group, 'below', 'cgroup.procs'), `${pid}`);
    expect(isInUse(group)).toBe(true);
    await endProcesses([{ pid }]);
    expect(isInUse(group)).toBe(false);
  } finally {
    removeGroup(group);
  }
});
