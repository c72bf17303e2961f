// Brings a fresh clone to where every command works: npm packages with their own Node, and a Python environment.
// Runs on any Node from 18 on, needs no package, changes nothing that is already as the lock files say.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dev = process.argv.includes('--dev');

function fail(what, todo) {
  console.error(`error: ${what}\n  to do: ${todo}`);
  process.exit(2);
}

function run(command, args, what, todo) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) fail(`${what} failed${error ? ` (${error.message})` : ''}`, todo);
}

const digest = (...files) =>
  files.reduce((hash, file) => hash.update(readFileSync(join(root, file))), createHash('sha256')).digest('hex');

/** Does `act` unless it was already done for the same lock files. */
function once(stamp, wanted, act) {
  const file = join(root, stamp);
  if (existsSync(file) && readFileSync(file, 'utf8') === wanted) return;
  act();
  writeFileSync(file, wanted);
}

function python() {
  for (const name of ['python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3']) {
    const found = spawnSync(name, ['-c', 'import sys; print(sys.version_info >= (3, 11))'], { encoding: 'utf8' });
    if (found.stdout?.trim() === 'True') return name;
  }
  const old = spawnSync('python3', ['--version'], { encoding: 'utf8' }).stdout?.trim();
  return fail(
    old ? `${old} is too old: the trainer needs Python 3.11 or newer` : 'no python3 was found',
    'install Python 3.11 or newer (with its venv module) so that `python3` starts it, then run this again',
  );
}

once('node_modules/.stint-setup', digest('package-lock.json'), () => {
  console.log('setup: npm packages');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci', 'read the lines above; a full disk or no network are the usual causes');
});

const locks = ['trainer/requirements.lock', ...(dev ? ['trainer/requirements-dev.lock'] : [])];
once(dev ? '.venv/.stint-setup-dev' : '.venv/.stint-setup', digest(...locks), () => {
  console.log('setup: Python packages (PyTorch is large: about 3 GB to download the first time)');
  if (!existsSync(join(root, '.venv/bin/pip')))
    run(python(), ['-m', 'venv', '.venv'], 'creating .venv', 'on Debian or Ubuntu: apt-get install python3-venv');
  for (const lock of locks)
    run('.venv/bin/pip', ['install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r', lock], `pip install -r ${lock}`, 'read the lines above; a full disk or no network are the usual causes');
});
