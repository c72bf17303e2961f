import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findDataFiles } from '../../orchestrator/documents/find-data-files.ts';
import { contentDigest, hashFiles } from '../../orchestrator/documents/input-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stint-inputs-'));
  await mkdir(join(folder, 'data/deep'), { recursive: true });
  for (const name of ['b.parquet', 'a.jsonl', 'c.json.gz', 'README.md', 'deep/d.jsonl'])
    await writeFile(join(folder, 'data', name), `content of ${name}`);
});

async function names(paths: string | readonly string[]) {
  const found = await findDataFiles(folder, paths);
  return found === null || 'code' in found ? found : found.map(({ name }) => name);
}

describe('findDataFiles', () => {
  it('takes a file, a list in its order, a folder’s data and what a pattern matches by name', async () => {
    expect(await names('data/a.jsonl')).toEqual(['data/a.jsonl']);
    expect(await names(['data/c.json.gz', 'data/a.jsonl'])).toEqual(['data/c.json.gz', 'data/a.jsonl']);
    expect(await names('data')).toEqual(['data/a.jsonl', 'data/b.parquet', 'data/c.json.gz']);
    expect(await names('data/**/*.jsonl')).toEqual(['data/a.jsonl', 'data/deep/d.jsonl']);
  });

  it('takes a name with a bracket for the file that has it', async () => {
    await writeFile(join(folder, 'data/[1].jsonl'), '{}');
    expect(await names('data/[1].jsonl')).toEqual(['data/[1].jsonl']);
  });

  it.each([
    ['a file that is not there', 'data/x.jsonl', 'data-file-missing'],
    ['a pattern that matches nothing', 'data/*.csv', 'data-file-missing'],
    ['a folder without data', 'data/deep/..', null],
    ['a file whose format its ending does not tell', 'data/README.md', 'data-format-unknown'],
    ['a file that is named twice', ['data/a.jsonl', 'data'], 'data-file-twice'],
  ])('refuses %s', async (_, paths, code) => {
    if (code === null) {
      await mkdir(join(folder, 'empty'));
      expect(await names('empty')).toMatchObject({ code: 'data-file-missing' });
    } else expect(await names(paths)).toMatchObject({ code });
  });

  it('refuses a pipe, of which no end may come', async () => {
    execFileSync('sh', ['-c', 'mkfifo data/pipe.jsonl'], { cwd: folder });
    expect(await names('data/pipe.jsonl')).toMatchObject({ code: 'data-file-missing' });
    expect(await names('data/*.jsonl')).toEqual(['data/a.jsonl']);
    expect(await names('data')).not.toContain('data/pipe.jsonl');
  });

  it('leaves it to the cluster to find an absolute path that leads nowhere here', async () => {
    expect(await names('/nowhere/data.jsonl')).toBeNull();
  });
});

describe('a digest of content', () => {
  const hash = async (paths: string | readonly string[]) => {
    const files = await findDataFiles(folder, paths);
    if (files === null || 'code' in files) throw new Error('no files');
    return hashFiles(files, join(folder, 'cache/hashes.json'));
  };

  it('is that of a single file’s bytes, and of several what sha256sum prints in their folder', async () => {
    const printed = (command: string) =>
      execFileSync('sh', ['-c', command], { cwd: join(folder, 'data'), encoding: 'utf8' }).split(' ')[0];
    const one = printed('sha256sum a.jsonl');
    expect(contentDigest(await hash('data/a.jsonl'))).toBe(`sha256:${one}`);
    const all = printed('sha256sum a.jsonl b.parquet c.json.gz | sha256sum');
    expect(contentDigest(await hash('data'))).toBe(`sha256:${all}`);
    expect(contentDigest(await hash(['data/c.json.gz', 'data/b.parquet', 'data/a.jsonl']))).toBe(
      `sha256:${all}`,
    );
  });

  it('names files of several folders from the one that they share', async () => {
    const files = (await hash('data/**/*.jsonl')).map(({ name, sha256 }) => ({ name, sha256 }));
    const moved = files.map(({ name, sha256 }) => ({ name: `elsewhere/${name}`, sha256 }));
    expect(contentDigest(moved)).toBe(contentDigest(files));
    const renamed = files.map(({ name, sha256 }) => ({ name: name.replace('deep/', 'flat/'), sha256 }));
    expect(contentDigest(renamed)).not.toBe(contentDigest(files));
  });

  it('changes with the bytes, also where size and time of change stay', async () => {
    const file = join(folder, 'data/a.jsonl');
    const then = new Date(1_700_000_000_000);
    await utimes(file, then, then);
    const before = contentDigest(await hash('data/a.jsonl'));
    await writeFile(file, (await readFile(file, 'utf8')).replace('content', 'CONTENT'));
    await utimes(file, then, then);
    expect(contentDigest(await hash('data/a.jsonl'))).not.toBe(before);
  });

  it('is remembered of a file that has not changed', async () => {
    const memory = join(folder, 'cache/hashes.json');
    const [first] = await hash('data/a.jsonl');
    const text = await readFile(memory, 'utf8');
    const marked = `sha256:${'e'.repeat(64)}`;
    await writeFile(memory, text.replace(first?.sha256 ?? '', marked));
    expect((await hash('data/a.jsonl'))[0]?.sha256).toBe(marked);
    await appendFile(join(folder, 'data/a.jsonl'), ' ');
    expect((await hash('data/a.jsonl'))[0]?.sha256).not.toBe(marked);
  });

  it('needs no memory: a file of it that is broken or has no place is passed over', async () => {
    const [file] = await hash('data/a.jsonl');
    await writeFile(join(folder, 'cache/hashes.json'), '{"torn');
    expect(await hash('data/a.jsonl')).toEqual([file]);
    expect(await hashFiles(file ? [file] : [], join(folder, 'no/home/hashes.json'))).toEqual([file]);
  });
});
