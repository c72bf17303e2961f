import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../orchestrator/documents/digest.ts';
import { hashFiles } from '../../orchestrator/documents/input-files.ts';
import {
  type PinnedFile,
  placeContent,
  releaseContent,
} from '../../orchestrator/documents/shared-content.ts';
import { temporaryFolder } from '../store/fixtures.ts';

const DAY = 86_400_000;

let folder: string;
let content: string;
let runs: number;

beforeEach(() => {
  folder = temporaryFolder();
  content = join(folder, 'content');
  runs = 0;
});

async function source(text: string): Promise<PinnedFile> {
  const path = join(folder, 'source');
  await writeFile(path, text);
  return { name: 'mine', path, sha256: sha256(text) };
}

const place = async (file: PinnedFile): Promise<string> => {
  const to = join(folder, `run-${++runs}`);
  await placeContent(content, file, to);
  return to;
};

describe('content on a shared volume', () => {
  it('lies once, however many runs read it, also where they begin at once', async () => {
    const file = await source('weights');
    const first = await place(file);
    const others = await Promise.all(Array.from({ length: 8 }, () => place(file)));
    expect(new Set([first, ...others].map((path) => statSync(path).ino)).size).toBe(1);
    expect(await readdir(content)).toEqual([file.sha256.slice('sha256:'.length)]);
    expect(await readFile(first, 'utf8')).toBe('weights');
  });

  it('is what was planned, whatever becomes of the original before or after', async () => {
    const file = await source('weights');
    const before = await place(file);
    await writeFile(file.path, 'changed');
    expect(await readFile(before, 'utf8')).toBe('weights');
    await rm(content, { recursive: true });
    await expect(place(file)).rejects.toThrow(/mine has changed since it was planned/);
    expect(await readdir(content)).toEqual([]);
  });

  it.each([
    ['written to', (kept: string) => writeFile(kept, 'weighty')],
    ['cut', (kept: string) => writeFile(kept, 'weig')],
    ['grown', (kept: string) => appendFile(kept, '?')],
  ])('is put there again where what is kept was %s since', async (_, damage) => {
    const file = await source('weights');
    const damaged = await place(file);
    await damage(damaged);
    expect(await readFile(await place(file), 'utf8')).toBe('weights');
  });

  it('is kept while a run’s folder holds it and a week longer, and then let go of', async () => {
    const file = await source('weights');
    const [first, second] = [await place(file), await place(file)];
    await rm(first);
    await releaseContent(content, Date.now() + 30 * DAY);
    expect(await readdir(content)).toHaveLength(1);
    await rm(second);
    await releaseContent(content, Date.now() + 6 * DAY);
    expect(await readdir(content)).toHaveLength(1);
    await releaseContent(content, Date.now() + 8 * DAY);
    expect(await readdir(content)).toEqual([]);
    expect(await readFile(await place(file), 'utf8')).toBe('weights');
  });

  it('forgets after a day what somebody left half-done, and lets nobody’s other files be', async () => {
    await mkdir(join(content, 'folder'), { recursive: true });
    const partial = join(content, `${'a'.repeat(64)}.there-1.partial`);
    await writeFile(partial, 'half');
    await releaseContent(content, Date.now());
    expect(existsSync(partial)).toBe(true);
    const yesterday = new Date(Date.now() - 2 * DAY);
    await utimes(partial, yesterday, yesterday);
    await releaseContent(content, Date.now());
    expect(await readdir(content)).toEqual(['folder']);
  });

  it('is whole under its name, whenever the process that puts it there is killed', async () => {
    const path = join(folder, 'large');
    await writeFile(path, Buffer.alloc(48 << 20, 'x'));
    const [file] = await hashFiles([{ name: 'large', path }], null);
    if (file === undefined) throw new Error('one file has one digest');
    const script = `
      const { placeContent } = await import(${JSON.stringify(new URL('../../orchestrator/documents/shared-content.ts', import.meta.url).href)});
      process.stdout.write('begun');
      await placeContent(...JSON.parse(process.argv[1]));
      process.exit(3);`;
    const ends: (number | null)[] = [];
    for (const milliseconds of [0, 10, 20, 40, 80, 160]) {
      const to = join(folder, `killed-${milliseconds}`);
      const args = JSON.stringify([content, file, to]);
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, args]);
      const ended = once(child, 'exit');
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      child.kill('SIGKILL');
      ends.push(((await ended) as [number | null])[0]);
      const named = (await readdir(content).catch(() => [])).filter((name) => !name.endsWith('.partial'));
      for (const name of named) {
        const [found] = await hashFiles([{ name, path: join(content, name) }], null);
        expect(found?.sha256).toBe(`sha256:${name}`);
      }
    }
    // At least the first is killed in the middle.
    expect(ends[0]).toBeNull();
    const to = await place(file);
    expect((await stat(to)).size).toBe(48 << 20);
    await releaseContent(content, Date.now() + 2 * DAY);
    expect(await readdir(content)).toEqual([file.sha256.slice('sha256:'.length)]);
  });
});
