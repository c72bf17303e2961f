import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../orchestrator/documents/make-folder.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';

const FILE = 'this path, or a part of it, is a file and no folder';
const folder = () => mkdtempSync(join(tmpdir(), 'stint-make-'));

it('makes what is missing above it, and again nothing', async () => {
  const home = join(folder(), 'a', 'b', '.stint');
  await makeFolder(home);
  await makeFolder(home);
  expect(existsSync(home)).toBe(true);
});

it.runIf(process.platform === 'linux')('does not try for ever where there can be no folder', async () => {
  for (const home of ['/proc/x', '/proc/x/y', '/sys/x'])
    await expect(makeFolder(home)).rejects.toMatchObject({
      problems: [{ code: 'home-not-writable', where: home }],
    });
});

it('says so where a file is in the way', async () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  for (const home of [file, join(file, '.stint')])
    await expect(makeFolder(home)).rejects.toMatchObject({
      problems: [{ code: 'home-not-writable', why: FILE, todo: expect.stringContaining('name a folder') }],
    });
  for (const home of [file, join(file, '.stint')])
    await expect(openStore(join(home, 'stint.db'))).rejects.toMatchObject({
      problems: [{ code: 'store-cannot-open', where: home, why: FILE }],
    });
});
