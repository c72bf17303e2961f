import { readdirSync } from 'node:fs';
import { readFile, stat, utimes } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { sha256 } from '../../orchestrator/documents/digest.ts';
import { uploadsIn } from '../../orchestrator/documents/uploads.ts';
import { temporaryFolder } from '../store/fixtures.ts';

const DAY = 86_400_000;
const [ONE, TWO] = [sha256('one'), sha256('two')];

test('a content is kept under its digest, once, and nothing where it is another', async () => {
  const folder = temporaryFolder();
  const uploads = uploadsIn(folder);
  expect(await uploads.missing([ONE, TWO, ONE])).toEqual([ONE, TWO]);
  await uploads.keep(ONE, Readable.from([Buffer.from('o'), Buffer.from('ne')]));
  expect(await readFile(uploads.pathOf(ONE), 'utf8')).toBe('one');
  await uploads.keep(ONE, Readable.from([Buffer.from('one')]));
  await expect(uploads.keep(TWO, Readable.from([Buffer.from('tw')]))).rejects.toMatchObject({
    code: 'upload-differs',
    problems: [{ where: TWO, what: `what was sent is ${sha256('tw')}` }],
  });
  expect(await uploads.missing([ONE, TWO])).toEqual([TWO]);
  expect(readdirSync(folder)).toHaveLength(1);
});

test('what breaks off in the middle leaves nothing', async () => {
  const folder = temporaryFolder();
  const broken = new Readable({ read() {} });
  broken.push('on');
  setTimeout(() => broken.destroy(new Error('the connection was closed')), 10);
  await expect(uploadsIn(folder).keep(ONE, broken)).rejects.toThrow('closed');
  expect(readdirSync(folder)).toEqual([]);
});

test('files of a model lie together under their names, and stay when their contents go after a week', async () => {
  const uploads = uploadsIn(temporaryFolder());
  await uploads.keep(ONE, Readable.from([Buffer.from('one')]));
  const files = [{ name: 'config.json', sha256: ONE }];
  const [first, again] = await Promise.all([uploads.folderOf(files), uploads.folderOf(files)]);
  expect(first).toEqual(again);
  expect(await readFile(first.files[0]?.path ?? '', 'utf8')).toBe('one');
  await uploads.release(Date.now());
  expect(await uploads.missing([ONE])).toEqual([]);
  const old = new Date(Date.now() - 8 * DAY);
  await utimes(uploads.pathOf(ONE), old, old);
  // Whoever asks for it needs it soon.
  await uploads.missing([ONE]);
  await uploads.release(Date.now());
  expect(await uploads.missing([ONE])).toEqual([]);
  await utimes(uploads.pathOf(ONE), old, old);
  await uploads.release(Date.now());
  expect(await uploads.missing([ONE])).toEqual([ONE]);
  expect((await stat(first.files[0]?.path ?? '')).size).toBe(3);
});
