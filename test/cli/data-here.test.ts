import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { dataHere } from '../../orchestrator/cli/data-here.ts';
import { temporaryFolder } from '../store/fixtures.ts';

const COMMIT = 'a'.repeat(40);
let folder: string;

beforeEach(async () => {
  folder = temporaryFolder();
  const repository = join(folder, 'cache/datasets--org--set');
  await mkdir(join(repository, 'snapshots', COMMIT), { recursive: true });
  await mkdir(join(repository, 'refs'));
  await writeFile(join(repository, 'refs/main'), COMMIT);
  vi.stubEnv('HF_HUB_CACHE', join(folder, 'cache'));
});
afterEach(() => vi.unstubAllEnvs());

const found = (named: string, split = {}) => dataHere(folder, named, '--data', split);

it('a repository is its split train of its only configuration, unless others are named', async () => {
  const place = { kind: 'huggingface', repository: 'org/set', revision: COMMIT };
  expect(await found('org/set')).toEqual({ ...place, split: 'train' });
  expect(await found('org/set', { split: 'test', config: 'main' })).toEqual({
    ...place,
    split: 'test',
    config: 'main',
  });
});

it('a file of that name comes first, and has neither', async () => {
  await mkdir(join(folder, 'org'));
  await writeFile(join(folder, 'org/set.jsonl'), '{}\n');
  expect(await found('org/set.jsonl')).toMatchObject({ kind: 'file', files: [{ name: 'org/set.jsonl' }] });
  await expect(found('org/set.jsonl', { config: 'main' })).rejects.toThrow(/only a hub's repository has/);
});
