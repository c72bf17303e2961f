import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { isProcessAlive, processIdentity } from '../../orchestrator/documents/process-identity.ts';

const [host = '', pid = '', start = '', table = ''] = processIdentity().split('/');

test('a process of this machine is alive until it has ended', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const identity = processIdentity(child.pid);
  expect(isProcessAlive(identity)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(isProcessAlive(identity)).toBe(false);
});

test('the id of a process that began at another time is not that process', () => {
  expect(host).toBe(hostname());
  expect(isProcessAlive([host, pid, `${start}0`, table].join('/'))).toBe(false);
});

test('what cannot be looked at counts as alive, even where machine and process bear the same names', () => {
  const gone = '0';
  for (const other of [
    ['another-machine', pid, gone, table],
    [host, pid, gone, 'another-boot'],
    [host, pid, gone, 'unknown'],
    [host, pid, gone],
  ])
    expect(isProcessAlive(other.join('/'))).toBe(true);
});
