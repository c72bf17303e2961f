// Brings a fresh clone to where every command works: npm packages with the Node they pin, and a Python environment.
// Runs on any Node from 18 on, needs no package, and changes nothing that is already as the lock files say.
//
//   node ops/setup.mjs [--dev] [--run SCRIPT ARGUMENT…]
//
// --dev adds what the tests need; --run goes on with SCRIPT under the pinned Node, whichever Node started this.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFolder } from '../bin/bundle.mjs';
import { standIn } from '../bin/stand-in.mjs';
import { takeExclusiveTurn } from './setup/exclusive.mjs';
import { installNpmPackages, npmPackagesAreReady, pinnedNode } from './setup/npm-packages.mjs';
import { findPython, installPythonPackages, pythonEnvironmentIsReady } from './setup/python-environment.mjs';
import { SetupFault } from './setup/tool.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const runAt = process.argv.indexOf('--run');
const [script, ...scriptArgs] = runAt === -1 ? [] : process.argv.slice(runAt + 1);
const dev = process.argv.slice(2, runAt === -1 ? undefined : runAt).includes('--dev');

const isReady = () => npmPackagesAreReady(root) && pythonEnvironmentIsReady(root, dev);

async function setUp() {
  if (!isReady()) await install();
  makeBundleOfSources();
}

async function install() {
  if (process.platform === 'win32')
    throw new SetupFault(
      'Stint runs on Linux and macOS',
      'use a clone inside the Windows Subsystem for Linux',
    );
  // Before anything is downloaded: a missing Python is the likeliest fault, and the quickest to find.
  const python = findPython();
  const turn = takeExclusiveTurn(root, python);
  try {
    if (!npmPackagesAreReady(root)) await installNpmPackages(root, turn);
    if (!pythonEnvironmentIsReady(root, dev)) await installPythonPackages(root, dev, python, turn);
  } finally {
    closeSync(turn);
  }
}

/** So that commands start at once. Without it they start from their sources, a tenth of a second later. */
function makeBundleOfSources() {
  if (existsSync(bundleFolder())) return;
  const { status } = spawnSync(pinnedNode(root), [join(root, 'ops/setup/make-bundle.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0)
    console.error('setup: commands start from their sources, because they could not be bundled');
}

try {
  await setUp();
  if (script !== undefined) standIn(pinnedNode(root), join(root, script), scriptArgs);
} catch (error) {
  if (!(error instanceof SetupFault)) throw error;
  console.error(`error: ${error.message}\n  to do: ${error.todo}`);
  process.exitCode = 2;
}
