import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { lockDigest, readStamp, writeStamp } from '../setup/stamp.mjs';
import { runTool } from '../setup/tool.mjs';

export const FOLDER = resolve('.cache/mutants');
const STAMP = join(FOLDER, 'node_modules/.stint-setup');
const [MANIFEST, LOCK] = [resolve('ops/mutants/package.json'), resolve('ops/mutants/package-lock.json')];
export const STRYKER = join(FOLDER, 'node_modules/@stryker-mutator/core/bin/stryker.js');

/**
 * Installs StrykerJS into an environment of its own, once for each lock. It has no vitest there: what is not found in that
 * folder is found in the clone's own `node_modules`, so the tests run under the vitest that they always run under.
 *
 * @throws SetupFault where npm fails.
 */
export async function installStryker(tell: (line: string) => void): Promise<void> {
  if (readStamp(STAMP).includes(lockDigest(LOCK))) return;
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  tell('StrykerJS: installing (50 MB)');
  for (const file of [MANIFEST, LOCK]) copyFileSync(file, join(FOLDER, file.slice(file.lastIndexOf('/'))));
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const options = { cwd: FOLDER, env: process.env };
  await runTool('npm', ['ci', '--legacy-peer-deps', ...quiet], options);
  writeStamp(STAMP, [lockDigest(LOCK)]);
}
