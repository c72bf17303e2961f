import { spawnSync } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';

// Node has no flock. The lock belongs to the open file that the descriptor names, not to the process that asked
// for it, so a short-lived Python takes it on the descriptor that it inherits, and this process goes on holding it.
const TAKE_LOCK = `
import fcntl
try:
    fcntl.flock(3, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print('setup: another set-up of this clone is at work; waiting for it', flush=True)
    fcntl.flock(3, fcntl.LOCK_EX)
`;

/**
 * Waits until no other set-up changes this clone and keeps the others out. The kernel lets go of the lock when the
 * last process that holds the descriptor ends, however it ends: no stale lock can stay behind.
 * @param {string} root
 * @param {string} python
 * @returns {number} the descriptor, to be passed to every tool that must finish before another set-up starts
 */
export function takeExclusiveTurn(root, python) {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const descriptor = openSync(join(root, '.cache/setup.lock'), 'a');
  const { status } = spawnSync(python, ['-I', '-c', TAKE_LOCK], {
    stdio: ['ignore', 'inherit', 'inherit', descriptor],
  });
  if (status !== 0)
    console.error('setup: this file system has no locks; do not run two set-ups of this clone at once');
  return descriptor;
}
