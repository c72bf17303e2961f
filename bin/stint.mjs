#!/usr/bin/env node
// Starts Stint from source. Plain JavaScript that every Node since 18 reads: sources need a Node that strips types.
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';
import { mainModule } from './bundle.mjs';
import { endWithStarter, standIn } from './stand-in.mjs';

/** @param {string} path */
const inClone = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
// Node 22.18 strips types, but says on stderr that this and node:sqlite are experimental; 24 does not.
const isQuiet = major >= 24;
const isEnough = isQuiet || major === 23 || (major === 22 && minor >= 18);
const pinned = inClone('node_modules/node/bin/node');

// npm writes this file last, so a half-made node_modules has none.
if (!existsSync(inClone('node_modules/.package-lock.json')) || !(isEnough || existsSync(pinned))) {
  console.error(
    'error: the packages that stint needs are not installed\n  to do: run `npm run setup` in the clone',
  );
  process.exitCode = 2;
} else if (!isQuiet && existsSync(pinned)) {
  standIn(pinned, fileURLToPath(import.meta.url), process.argv.slice(2));
} else {
  endWithStarter();
  module.enableCompileCache?.(inClone('.cache/compiled'));
  await import(mainModule());
}
