import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lockDigest, readStamp, writeStamp } from './stamp.mjs';
import { runTool, SetupFault } from './tool.mjs';

const OLDEST = [3, 11];
const NAMES = ['python3.13', 'python3.12', 'python3.11', 'python3.14', 'python3', 'python'];

/**
 * The development lock holds the runtime lock's packages at the same versions (a test says so), so one file is
 * enough for either purpose.
 * @param {string} root
 * @param {boolean} dev
 */
const lockOf = (root, dev) => join(root, 'trainer', dev ? 'requirements-dev.lock' : 'requirements.lock');

/** @param {string} root */
const stampOf = (root) => join(root, '.venv/.stint-setup');

/** @param {string} root */
const interpreter = (root) => join(root, '.venv/bin/python');

/**
 * @param {string} root
 * @param {boolean} dev
 */
export function pythonEnvironmentIsReady(root, dev) {
  return readStamp(stampOf(root)).includes(lockDigest(lockOf(root, dev))) && existsSync(interpreter(root));
}

/**
 * The first Python on the PATH that is new enough.
 * @returns {string}
 */
export function findPython() {
  /** @type {string[]} */
  const tooOld = [];
  for (const name of NAMES) {
    const { stdout } = spawnSync(name, ['-I', '-c', 'import sys; print(*sys.version_info[:3])'], {
      encoding: 'utf8',
    });
    const [major = 0, minor = 0, patch = 0] = (stdout ?? '').trim().split(' ').map(Number);
    if (major === OLDEST[0] && minor >= /** @type {number} */ (OLDEST[1])) return name;
    if (major > 0) tooOld.push(`${name} is Python ${major}.${minor}.${patch}`);
  }
  const todo =
    'install Python 3.11 or newer with its venv module so that `python3` starts it, then run this again';
  if (tooOld.length === 0) throw new SetupFault('no Python was found on the PATH', todo);
  throw new SetupFault(`the trainer needs Python 3.11 or newer, and ${tooOld.join(', ')}`, todo);
}

/**
 * Makes .venv hold what the lock names. One that an earlier set-up did not finish is made afresh: pip takes a
 * package whose files are half there for installed.
 * @param {string} root
 * @param {boolean} dev
 * @param {string} python
 * @param {number} turn descriptor of the exclusive turn
 */
export async function installPythonPackages(root, dev, python, turn) {
  const venv = join(root, '.venv');
  const finished = readStamp(stampOf(root));
  rmSync(stampOf(root), { force: true });
  const options = { cwd: root, env: process.env, keepOpen: turn };
  if (finished.length === 0 || !existsSync(interpreter(root))) {
    rmSync(venv, { recursive: true, force: true });
    console.log(`setup: a Python environment in .venv, with ${python}`);
    await runTool(python, ['-I', '-m', 'venv', venv], options);
  }
  console.log(
    'setup: Python packages (PyTorch with its GPU libraries: about 3 GB to download the first time)',
  );
  const pip = [
    '-I',
    '-m',
    'pip',
    'install',
    '--no-input',
    '--disable-pip-version-check',
    '--progress-bar=off',
  ];
  await runTool(
    interpreter(root),
    [...pip, '--only-binary=:all:', '--require-hashes', '-r', lockOf(root, dev)],
    {
      ...options,
      show: largeDownload,
    },
  );
  writeStamp(stampOf(root), [
    lockDigest(lockOf(root, false)),
    ...(dev ? [lockDigest(lockOf(root, true))] : []),
  ]);
}

/**
 * `torch 2.15.0 (539.1 MB)` for pip's line about a download that takes a while.
 * @param {string} line
 */
function largeDownload(line) {
  const found = /^\s*(?:Downloading|Using cached) ([^-]+)-([^-]+)-\S+ (\((?:\d{3,}\.\d MB|[\d.]+ GB)\))/.exec(
    line,
  );
  if (found) return `${found[1]} ${found[2]} ${found[3]}`;
  return line.startsWith('Installing collected packages') ? 'unpacking' : undefined;
}
