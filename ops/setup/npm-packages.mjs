import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { lockDigest, readStamp, writeStamp } from './stamp.mjs';
import { runTool, SetupFault } from './tool.mjs';

/** @param {string} root */
const stampOf = (root) => join(root, 'node_modules/.stint-setup');

/** @param {string} root */
const cacheOf = (root) => join(root, '.cache/node');

const QUIET = ['--engine-strict=false', '--no-audit', '--no-fund', '--loglevel=error'];

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
 * Installs what package-lock.json names, afresh, under the Node that it pins: npm silently leaves out a tool's binary
 * for this platform when the running Node is too old for it.
 * @param {string} root
 * @param {number} turn descriptor of the exclusive turn
 */
export async function installNpmPackages(root, turn) {
  console.log('setup: npm packages and the pinned Node (about 150 MB to download the first time)');
  // `npm ci` deletes node_modules first, and with it the Node that an npm script finds first on its PATH.
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const lasting = path.filter((entry) => !entry.startsWith(join(root, 'node_modules'))).join(delimiter);
  const fetched = await fetchNode(root, { env: { ...process.env, PATH: lasting }, keepOpen: turn });
  await runTool('npm', ['ci', '--include=dev', '--ignore-scripts', ...QUIET], {
    cwd: root,
    env: { ...process.env, PATH: [dirname(fetched), lasting].join(delimiter) },
    keepOpen: turn,
  });
  mkdirSync(dirname(pinnedNode(root)), { recursive: true });
  renameSync(fetched, pinnedNode(root));
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  rmSync(join(root, 'node_modules/.bin/node'), { force: true });
  symlinkSync('../node/bin/node', join(root, 'node_modules/.bin/node'));
  rmSync(cacheOf(root), { recursive: true, force: true });
  writeStamp(stampOf(root), [lockDigest(join(root, 'package-lock.json'))]);
}

/**
 * Fetches the binary that the package `node` would fetch in an install script, which not every npm runs.
 * @param {string} root
 * @param {{ env: NodeJS.ProcessEnv, keepOpen: number }} options
 * @returns {Promise<string>} its path
 */
async function fetchNode(root, options) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { version } = lock.packages['node_modules/node'];
  const platform = `${process.platform}-${process.arch}`;
  const name = `${platform === 'darwin-arm64' ? 'node-bin' : 'node'}-${platform}`;
  const folder = cacheOf(root);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const flags = ['--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts', ...QUIET];
  await runTool('npm', ['install', `${name}@${version}`, ...flags], { ...options, cwd: folder });
  const node = join(folder, 'node_modules', name, 'bin/node');
  const found = versionOf(node);
  if (found === `v${version}`) return node;
  throw new SetupFault(
    `the pinned Node ${version} does not start here (${found ?? 'no answer'})`,
    `check that Node ${version} exists for ${platform} and this system's C library`,
  );
}

/** @param {string} node */
function versionOf(node) {
  return spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim();
}
