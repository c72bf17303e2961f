import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeExclusiveTurn } from '../../ops/setup/exclusive.mjs';
import { lockDigest, writeStamp } from '../../ops/setup/stamp.mjs';

const PYTHON = resolve('.venv/bin/python');
let clone: string;

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'stint-setup-'));
  for (const path of ['bin', 'ops', 'package.json', 'package-lock.json'])
    cpSync(path, join(clone, path), { recursive: true });
  mkdirSync(join(clone, 'trainer'));
  for (const name of ['requirements.lock', 'requirements-dev.lock'])
    cpSync(join('trainer', name), join(clone, 'trainer', name));
  mkdirSync(join(clone, 'tools'));
  symlinkSync(process.execPath, join(clone, 'tools/node'));
});
afterEach(() => rmSync(clone, { recursive: true }));

/** Puts a command on the PATH of `setUp`. */
function offer(name: string, script: string) {
  writeFileSync(join(clone, 'tools', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(clone, 'tools', name), 0o755);
}

/** Sets the clone up where only Node and what was offered are installed. */
function setUp(args: readonly string[] = []) {
  const env = { PATH: join(clone, 'tools'), HOME: clone };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['ops/setup.mjs', ...args], {
    cwd: clone,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('set-up of a fresh clone', () => {
  it('says that there is no Python before it downloads anything', () => {
    const { status, stdout, stderr } = setUp();
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: no Python was found on the PATH\n {2}to do: install Python 3\.11/);
  });

  it('names the version of a Python that is too old', () => {
    offer('python3', 'echo 3 9 2');
    const { status, stderr } = setUp();
    expect(status).toBe(2);
    expect(stderr).toContain(
      'the trainer needs Python 3.11 or newer, and python3 is Python 3.9.2\n  to do: install',
    );
  });

  it.each([
    ['npm error code ENOTFOUND', 'check the network'],
    ['npm error nospc ENOSPC: no space left on device, write', 'free some disk space'],
    ['npm error code EACCES', 'make the clone writable'],
    ['npm error something new', 'read the lines above'],
  ])('repeats what the failing tool said, and what to do: %s', (said, todo) => {
    offer('python3', `exec ${PYTHON} "$@"`);
    offer('npm', `echo '${said}' >&2; exit 1`);
    const { status, stderr } = setUp();
    expect(status).toBe(2);
    expect(stderr).toContain(`  | ${said}\nerror: \`npm install`);
    expect(stderr).toContain(`to do: ${todo}`);
    expect(existsSync(join(clone, 'node_modules/.stint-setup'))).toBe(false);
  });

  it('names the missing venv module', () => {
    offer(
      'python3',
      `case "$*" in *venv*) echo 'Error: ensurepip is not available.'; exit 1;; *) exec ${PYTHON} "$@";; esac`,
    );
    mkdirSync(join(clone, 'node_modules/node/bin'), { recursive: true });
    symlinkSync(process.execPath, join(clone, 'node_modules/node/bin/node'));
    writeStamp(join(clone, 'node_modules/.stint-setup'), [lockDigest(join(clone, 'package-lock.json'))]);
    const { status, stderr } = setUp();
    expect(status).toBe(2);
    expect(stderr).toContain('apt-get install python3-venv');
  });
});

it('lets one set-up at a time change a clone, and the next one in when the first was killed', async () => {
  const module = JSON.stringify(resolve('ops/setup/exclusive.mjs'));
  const take = `import { takeExclusiveTurn } from ${module}; takeExclusiveTurn(${JSON.stringify(clone)}, ${JSON.stringify(PYTHON)});`;
  const hold = `${take} console.log('mine'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', hold], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((mine) => holder.stdout.once('data', mine));
  const next = spawn(process.execPath, ['--input-type=module', '-e', `${take} console.log('mine')`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  next.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  await new Promise((waiting) => next.stdout.once('data', waiting));
  expect(said.join('')).toBe('setup: another set-up of this clone is at work; waiting for it\n');
  holder.kill('SIGKILL');
  await new Promise((ended) => next.once('close', ended));
  expect(said.join('')).toMatch(/waiting for it\nmine\n$/);
  expect(takeExclusiveTurn(clone, PYTHON)).toBeGreaterThan(2);
});
