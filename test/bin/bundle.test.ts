import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stackOf } from '../../orchestrator/logging/stack-of.ts';

let clone: string;
const at = (path: string) => join(clone, path);

/** A clone whose `stint` tells where it is, and fails at the third line of another file. */
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'stint-clone-'));
  cpSync('bin', at('bin'), { recursive: true });
  cpSync('ops/setup/make-bundle.mjs', at('ops/setup/make-bundle.mjs'), { recursive: true });
  symlinkSync(resolve('node_modules'), at('node_modules'));
  for (const folder of ['orchestrator/deep', 'cluster']) mkdirSync(at(folder), { recursive: true });
  writeFileSync(at('package.json'), '{"type": "module"}');
  const main = `import { fail } from './deep/fail.ts';
    const told: string = JSON.stringify({ at: import.meta.url, stack: fail() });
    console.log(told);`;
  writeFileSync(at('orchestrator/main.ts'), main);
  const deep = `export interface Unused { readonly nothing: string }
    export function fail(): string | undefined {
      return new Error('here').stack;
    }`;
  writeFileSync(at('orchestrator/deep/fail.ts'), deep);
});
afterEach(() => rmSync(clone, { recursive: true }));

function node(...line: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, line, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}
const makeBundle = () => node(at('ops/setup/make-bundle.mjs'));
const stint = (): { readonly at: string; readonly stack: string } => JSON.parse(node(at('bin/stint.mjs')));
const bundles = () => (existsSync(at('.cache/bundles')) ? readdirSync(at('.cache/bundles')) : []);

it('starts from what set-up made of the sources, which stand where they stood', () => {
  const first = stint();
  expect(first.stack).toContain('/orchestrator/deep/fail.ts:3:');
  makeBundle();
  const second = stint();
  expect(second.stack).toContain(`/.cache/bundles/${bundles()[0]}/main.js:`);
  expect(second.at).toBe(pathToFileURL(at('orchestrator/main.ts')).href);
  expect(second.at).toBe(first.at);
  expect(stackOf(Object.assign(new Error(), { stack: second.stack })).split('\n')[1]).toContain(
    at('orchestrator/deep/fail.ts:3:'),
  );
});

it.each([
  ['a source has other content', () => appendFileSync(at('orchestrator/deep/fail.ts'), '\n')],
  ['a source was written again', () => utimesSync(at('orchestrator/main.ts'), 1, 1)],
  ['a source is new', () => writeFileSync(at('cluster/new.ts'), '')],
  ['a source has another name', () => renameSync(at('cluster/old.ts'), at('cluster/new.ts'))],
])('starts from the sources when %s, until set-up has made another of them', (_what, change) => {
  writeFileSync(at('cluster/old.ts'), '');
  makeBundle();
  change();
  expect(stint().stack).toContain('/orchestrator/deep/fail.ts:3:');
  makeBundle();
  expect(stint().stack).toContain('/.cache/bundles/');
  // A process that began with the one before goes on to read from it.
  expect(bundles()).toHaveLength(2);
});

it('starts from the sources in a copy that has nothing else', () => {
  rmSync(at('ops'), { recursive: true });
  expect(stint().stack).toContain('/orchestrator/deep/fail.ts:3:');
});

it('of many the oldest go when another is made, and none that is young', () => {
  makeBundle();
  const [made = ''] = bundles();
  const others = Array.from({ length: 25 }, (_, index) => `other-${index}`);
  for (const [index, name] of others.entries()) {
    mkdirSync(at(`.cache/bundles/${name}`));
    // Of 1970, but for the last two.
    if (index < 23) utimesSync(at(`.cache/bundles/${name}`), index, index);
  }
  appendFileSync(at('orchestrator/main.ts'), '\n');
  makeBundle();
  expect(bundles()).toHaveLength(20);
  expect(bundles()).toEqual(expect.arrayContaining([made, 'other-22', 'other-23', 'other-24']));
  expect(bundles()).not.toContain('other-6');
});
