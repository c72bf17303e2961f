import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { readText } from '../../orchestrator/documents/read-text.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stint-text-'));
});

async function written(name: string, content: Buffer | string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16();

it('reads UTF-8 and UTF-16 with their marks, as editors and shells of Windows write them', async () => {
  const text = 'name: große Läufe\n';
  const files = [
    await written('plain', text),
    await written('marked', `\uFEFF${text}`),
    await written('little', Buffer.from(`\uFEFF${text}`, 'utf16le')),
    await written('big', swapped(`\uFEFF${text}`)),
  ];
  for (const file of files) expect(await readText(file)).toBe(text);
});

it.each<[string, () => Promise<string>, string, RegExp]>([
  ['a file that is not there', async () => join(folder, 'absent'), 'absent', /there is no file/],
  [
    'a path through a file',
    async () => join(await written('flat', 'a: 1'), 'x'),
    'flat/x',
    /there is no file/,
  ],
  [
    'a folder',
    async () => {
      await mkdir(join(folder, 'sub'), { recursive: true });
      return join(folder, 'sub');
    },
    'sub',
    /is a folder/,
  ],
  [
    'Latin-1',
    () => written('latin', Buffer.from('a: 1\nname: gro\xdfe\n', 'latin1')),
    'latin:2:10',
    /no UTF-8/,
  ],
  ['an archive', () => written('gz', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])), 'gz:1:2', /no UTF-8/],
  ['UTF-16 without its mark', () => written('bare', Buffer.from('a: 1', 'utf16le')), 'bare:1:2', /NUL/],
  ['what never ends', async () => '/dev/zero', '/dev/zero', /larger than 256 KiB/],
  ['a large file', () => written('large', '# x\n'.repeat(1 << 20)), 'large', /larger than 256 KiB/],
])('refuses %s', async (_, make, where, words) => {
  const [problem] = await readText(await make()).then(
    () => [],
    (error: { problems: { where: string; what: string }[] }) => error.problems,
  );
  expect(problem?.where.endsWith(where)).toBe(true);
  expect(problem?.what).toMatch(words);
});

it('says of a name that a shell has left empty that it is', async () => {
  await expect(readText('')).rejects.toThrow('the name of the file is empty');
});
