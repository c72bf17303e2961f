import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RUN } from '../../ops/test-cluster/layout.ts';
import { leftovers } from '../../ops/test-cluster/leftovers.ts';
import { endProcesses, isAlive, startOf } from '../../ops/test-cluster/processes.ts';

const sleeper = async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', join(RUN, 'forgotten')]);
  await once(child, 'spawn');
  return child.pid ?? 0;
};

describe.runIf(process.platform === 'linux')('what a cluster leaves behind', () => {
  it('names a process of its own that still lives, and no longer once it is ended', async () => {
    const pid = await sleeper();
    const ours = async () => (await leftovers(false)).filter((line) => line.startsWith(`process ${pid}: `));
    expect(await ours()).toHaveLength(1);
    await endProcesses([{ pid }]);
    expect(await ours()).toEqual([]);
    expect(isAlive(pid)).toBe(false);
  });

  it('knows when a process started, so that a number that was given again is not taken for it', async () => {
    const before = Date.now();
    const pid = await sleeper();
    expect(Math.abs(startOf(pid) - before)).toBeLessThan(3_000);
    await endProcesses([{ pid }]);
  });
});
