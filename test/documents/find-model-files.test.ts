import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findModel } from '../../orchestrator/documents/find-model-files.ts';
import { temporaryFolder } from '../store/fixtures.ts';

const FILES = ['config.json', 'generation_config.json', 'model.safetensors', 'tokenizer.json'] as const;

/** A folder of a model, with one of its files made otherwise. */
function modelWith(name: string, make: (path: string) => void): string {
  const folder = temporaryFolder();
  for (const each of FILES) if (each !== name) writeFileSync(join(folder, each), '{}');
  make(join(folder, name));
  return folder;
}

it('a model is the files that it is made of, by name', async () => {
  const folder = modelWith('README.md', (path) => writeFileSync(path, 'about it'));
  const found = await findModel(folder, '.', undefined);
  expect(found).toMatchObject({ kind: 'folder', files: FILES.map((name) => ({ name })) });
});

it.each(FILES)('a folder in the place of %s is told before anything reads it', async (name) => {
  const folder = modelWith(name, (path) => mkdirSync(path));
  expect(await findModel(folder, '.', undefined)).toMatchObject({
    code: 'not-a-model',
    what: `${join(folder, name)} is a folder, and no file`,
  });
});

it.each(FILES)('nobody waits for the end of a device that has the name of %s', async (name) => {
  const folder = modelWith(name, (path) => symlinkSync('/dev/zero', path));
  expect(await findModel(folder, '.', undefined)).toMatchObject({
    code: 'not-a-model',
    what: `${join(folder, name)} is a pipe or a device, and no file`,
  });
});

it('a link into a cache is a file, and one that leads nowhere is for whoever reads it', async () => {
  const elsewhere = join(temporaryFolder(), 'blob');
  writeFileSync(elsewhere, '{}');
  for (const target of [elsewhere, `${elsewhere}-gone`]) {
    const folder = modelWith('tokenizer.json', (path) => symlinkSync(target, path));
    expect(await findModel(folder, '.', undefined)).toMatchObject({ kind: 'folder' });
  }
});
