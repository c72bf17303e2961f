// A command reads some 550 files before it does anything. Set-up puts them into few, in a folder that names what went into it; a
// clone whose files have changed since runs from its sources.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = ['orchestrator', 'cluster'];
const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

export const BUNDLES = join(ROOT, '.cache/bundles');

/** Where the bundle of this clone's files, as they are now, belongs. */
export function bundleFolder() {
  const files = SOURCES.flatMap((folder) => filesUnder(join(ROOT, folder)));
  // npm writes the list of what it has installed whenever it changes a package.
  for (const path of ['node_modules/.package-lock.json', 'ops/setup/make-bundle.mjs'])
    files.push(stateOf(join(ROOT, path)));
  // Paths are whole: sources find what lies beside them, and worktrees may share a cache.
  return join(BUNDLES, createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 16));
}

/** The module that starts Stint: from its bundle where there is one, else from its sources. */
export function mainModule() {
  const bundled = join(bundleFolder(), 'main.js');
  return existsSync(bundled) ? bundled : join(ROOT, 'orchestrator/main.ts');
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesUnder(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (name.endsWith('.ts')) return [stateOf(path)];
    return name.includes('.') ? [] : filesUnder(path);
  });
}

/** @param {string} path */
function stateOf(path) {
  // A copy may have no more than what runs.
  const found = statSync(path, { throwIfNoEntry: false });
  return `${path} ${found?.size} ${found?.mtimeMs}`;
}
