// Puts Stint's sources, and the packages that most commands read, into few files. Starts under the pinned Node:
//
//   node ops/setup/make-bundle.mjs
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { BUNDLES, bundleFolder } from '../../bin/bundle.mjs';

const MAIN = fileURLToPath(new URL('../../orchestrator/main.ts', import.meta.url));

/** What most commands read. All others are read by few, and stay as they were installed. */
const INLINED = new Set(['commander', 'eventsource-parser', 'execa', 'kysely', 'yaml', 'zod']);

/** A server goes on to read from its bundle for as long as it runs; those that come after it are few. */
const KEPT = 20;
const KEPT_DAYS = 7;

/**
 * @param {string} id As it was written.
 * @param {string | undefined} importer
 */
function isExternal(id, importer) {
  if (id.startsWith('node:')) return true;
  if (id.startsWith('.') || id.startsWith('/') || importer?.includes('/node_modules/')) return false;
  return !INLINED.has(id.split('/')[0] ?? '');
}

/** Sources find what lies beside them by where they are. */
const asSources = {
  name: 'as-sources',
  /**
   * @param {string} code
   * @param {string} id
   */
  transform: (code, id) =>
    code.includes('import.meta.url') && !id.includes('/node_modules/')
      ? { code: code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)), map: null }
      : null,
};

async function makeBundle() {
  const folder = bundleFolder();
  if (existsSync(folder)) return;
  mkdirSync(BUNDLES, { recursive: true });
  const draft = mkdtempSync(join(BUNDLES, 'draft-'));
  const bundle = await rolldown({
    input: MAIN,
    platform: 'node',
    external: isExternal,
    plugins: [asSources],
  });
  await bundle.write({ dir: draft, format: 'esm', sourcemap: 'hidden' });
  await bundle.close();
  try {
    // What was changed meanwhile may be in it or not.
    if (bundleFolder() === folder) renameSync(draft, folder);
  } catch (error) {
    // Another set-up was quicker.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  removeOld();
}

function removeOld() {
  const folders = readdirSync(BUNDLES).map((name) => join(BUNDLES, name));
  const byAge = folders.map((folder) => ({ folder, madeAt: statSync(folder).mtimeMs }));
  for (const { folder, madeAt } of byAge.toSorted((a, b) => b.madeAt - a.madeAt).slice(KEPT))
    if (Date.now() - madeAt > KEPT_DAYS * 86_400_000) rmSync(folder, { recursive: true });
}

await makeBundle();
