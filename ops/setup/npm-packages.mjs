import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { lockDigest, readStamp, writeStamp } from './stamp.mjs';
import { runTool, SetupFault } from './tool.mjs';

/** @param {string} root */
const stampOf = (root) => join(root, 'node_modules/.stint-setup');

/** @param {string} root */
export const pinnedNode = (root) => join(root, 'node_modules/node/bin/node');

/** @param {string} root */
export function npmPackagesAreReady(root) {
  return (
    readStamp(stampOf(root)).includes(lockDigest(join(root, 'package-lock.json'))) &&
    existsSync(pinnedNode(root))
  );
}

/**
 * Installs what package-lock.json names, afresh, and the Node it pins.
 * @param {string} root
 * @param {number} turn descriptor of the exclusive turn
 */
export async function installNpmPackages(root, turn) {
  console.log('setup: npm packages and the pinned Node (about 150 MB to download the first time)');
  // `npm ci` deletes node_modules first, and with it the Node that an npm script finds first on its PATH.
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((entry) => !entry.startsWith(join(root, 'node_modules')));
  const options = { cwd: root, keepOpen: turn, env: { ...process.env, PATH: path.join(delimiter) } };
  await runTool(
    'npm',
    ['ci', '--include=dev', '--engine-strict=false', '--no-audit', '--no-fund', '--loglevel=error'],
    options,
  );
  await ensurePinnedNode(root, options);
  writeStamp(stampOf(root), [lockDigest(join(root, 'package-lock.json'))]);
}

/**
 * The package `node` fetches its binary in an install script; where npm refuses to run those, we do what it does.
 * @param {string} root
 * @param {{ cwd: string, keepOpen: number, env: NodeJS.ProcessEnv }} options
 */
async function ensurePinnedNode(root, options) {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/node/package.json'), 'utf8'));
  const node = pinnedNode(root);
  if (versionOf(node) !== `v${version}`) {
    const name = `${process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${process.platform}-${process.arch}`;
    const folder = join(root, '.cache/node');
    console.log(`setup:   npm runs no install scripts here: fetching ${name}@${version}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const flags = [
      '--prefix',
      folder,
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
    ];
    await runTool('npm', ['install', `${name}@${version}`, ...flags], { ...options, cwd: folder });
    mkdirSync(dirname(node), { recursive: true });
    copyFileSync(join(folder, 'node_modules', name, 'bin/node'), `${node}.new`);
    chmodSync(`${node}.new`, 0o755);
    renameSync(`${node}.new`, node);
    rmSync(folder, { recursive: true, force: true });
  }
  link('../node/bin/node', join(root, 'node_modules/.bin/node'));
  const found = versionOf(node);
  if (found !== `v${version}`)
    throw new SetupFault(
      `the pinned Node ${version} does not start here (${found ?? 'no answer'})`,
      `check that Node ${version} exists for ${process.platform}-${process.arch} and this system's C library`,
    );
}

/** @param {string} node */
function versionOf(node) {
  return spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim();
}

/**
 * @param {string} target
 * @param {string} path
 */
function link(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
