import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stagedInputs, stageInputs } from '../../orchestrator/controller/stage-inputs.ts';
import { sha256 } from '../../orchestrator/documents/digest.ts';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { NO_INPUTS } from '../../orchestrator/wire/inputs.ts';
import { profile } from '../plan/fixtures.ts';
import { runRecord, temporaryFolder } from '../store/fixtures.ts';

const RECIPE = `kind: FineTune
name: own
model:
  kind: pretrained
  repository: model
  architecture: {layers: 1, hiddenSize: 96, queryHeads: 3, keyValueHeads: 3, headSize: 32, feedForwardSize: 256, tiedEmbeddings: true}
dataset:
  source: {kind: file, path: [b/rows.jsonl, a]}
training: {sequenceLength: 64, epochs: 2, globalBatch: 16, optimizer: {learningRate: 3e-3}}
evaluation:
  benchmarks: [{name: sums, source: {kind: file, path: "a/*.jsonl"}}]
  controls: [{kind: budget, maxThinkingTokens: 4}]
`;

const staging = (work: string) => ({ workFolder: () => work, now: Date.now, hashes: null });

async function staged(cluster: string) {
  const folder = temporaryFolder();
  for (const place of ['a', 'b', 'model']) await mkdir(join(folder, place));
  await writeFile(join(folder, 'a/rows.jsonl'), 'of a');
  await writeFile(join(folder, 'b/rows.jsonl'), 'of b');
  await writeFile(join(folder, 'model/config.json'), '{}');
  await writeFile(join(folder, 'recipe.yaml'), RECIPE);
  const { arms } = await loadRecipe(join(folder, 'recipe.yaml'));
  const work = join(folder, 'volume/runs/r-1');
  await stageInputs(staging(work), arms, [runRecord({ profile: profile(cluster) })]);
  return { folder, work, inputs: await stagedInputs(work) };
}

it('files of one name from several folders are copied in their order, each under the name that its owner knows', async () => {
  const { work, inputs, folder } = await staged('laptop');
  expect(inputs.dataset).toEqual([
    { name: 'b/rows.jsonl', path: 'inputs/dataset/00001-rows.jsonl', sha256: sha256('of b') },
    { name: 'a/rows.jsonl', path: 'inputs/dataset/00002-rows.jsonl', sha256: sha256('of a') },
  ]);
  expect(inputs.benchmarks).toMatchObject([{ benchmark: 'sums', files: [{ name: 'a/rows.jsonl' }] }]);
  const [first] = inputs.dataset;
  await writeFile(join(folder, 'b/rows.jsonl'), 'changed since');
  expect(await readFile(join(work, first?.path ?? ''), 'utf8')).toBe('of b');
});

it('a model’s folder stays where it is for runs of this machine, and is copied for those of a cluster', async () => {
  const here = await staged('laptop');
  expect(here.inputs.model).toMatchObject({ name: 'model', path: join(here.folder, 'model') });
  expect(existsSync(join(here.work, 'inputs/model'))).toBe(false);
  const there = await staged('h100-16');
  expect(there.inputs.model).toMatchObject({ name: 'model', path: 'inputs/model' });
  expect(await readFile(join(there.work, 'inputs/model/config.json'), 'utf8')).toBe('{}');
  // On the same volume its weights are not there twice; data is, so that nothing changes under a run.
  const inode = async (...path: string[]) => (await stat(join(...path))).ino;
  expect(await inode(there.work, 'inputs/model/config.json')).toBe(
    await inode(there.folder, 'model/config.json'),
  );
  expect(await inode(there.work, 'inputs/dataset/00001-rows.jsonl')).not.toBe(
    await inode(there.folder, 'b/rows.jsonl'),
  );
});

it('what several runs of a cluster read lies once on their volume, and each run holds it', async () => {
  const folder = temporaryFolder();
  for (const place of ['a', 'b', 'model']) await mkdir(join(folder, place));
  await writeFile(join(folder, 'a/rows.jsonl'), 'of both');
  await writeFile(join(folder, 'b/rows.jsonl'), 'of both');
  await writeFile(join(folder, 'model/config.json'), '{}');
  await writeFile(join(folder, 'recipe.yaml'), RECIPE);
  const { arms } = await loadRecipe(join(folder, 'recipe.yaml'));
  const records = ['r-1', 'r-2'].map((id) => runRecord({ id, profile: profile('h100-16') }));
  const work = (id: string) => join(folder, 'volume/runs', id);
  const place = { workFolder: ({ id }: { readonly id: string }) => work(id), now: Date.now, hashes: null };
  await stageInputs(place, [...arms, ...arms], records);
  const names = ['r-1', 'r-2'].flatMap((id) =>
    ['inputs/dataset/00001-rows.jsonl', 'inputs/dataset/00002-rows.jsonl'].map((name) =>
      join(work(id), name),
    ),
  );
  const inodes = await Promise.all(names.map(async (name) => (await stat(name)).ino));
  expect(new Set(inodes).size).toBe(1);
  expect(await readdir(join(folder, 'volume/content'))).toEqual([sha256('of both').slice('sha256:'.length)]);
});

it('no run has inputs where one cannot have them', async () => {
  const folder = temporaryFolder();
  await writeFile(join(folder, 'rows.jsonl'), '{}');
  await writeFile(
    join(folder, 'recipe.yaml'),
    RECIPE.replace(
      /model:\n[^]*?dataset:/,
      'model: {kind: scratch, architecture: {layers: 1, hiddenSize: 96, queryHeads: 3, keyValueHeads: 3, headSize: 32, feedForwardSize: 256, tiedEmbeddings: true}}\ndataset:',
    )
      .replace('[b/rows.jsonl, a]', 'rows.jsonl')
      .replace('"a/*.jsonl"', 'rows.jsonl'),
  );
  const { arms } = await loadRecipe(join(folder, 'recipe.yaml'));
  const records = ['r-1', 'r-2'].map((id) => runRecord({ id, profile: profile('laptop') }));
  await mkdir(join(folder, 'runs/r-2/inputs'), { recursive: true });
  await writeFile(join(folder, 'runs/r-2/inputs/dataset'), 'in the way');
  const place = {
    workFolder: ({ id }: { readonly id: string }) => join(folder, 'runs', id),
    now: Date.now,
    hashes: null,
  };
  await expect(stageInputs(place, [...arms, ...arms], records)).rejects.toThrow(/cannot be copied/);
  expect(await readdir(join(folder, 'runs'))).toEqual([]);
});

it('what reads nothing of this machine has nothing staged', async () => {
  const { arms } = await loadRecipe('recipes/quickstart.yaml');
  const work = join(temporaryFolder(), 'work');
  const records = arms.map(() => runRecord({ profile: profile('laptop') }));
  await stageInputs(staging(work), arms, records);
  expect(existsSync(work)).toBe(false);
  expect(await stagedInputs(work)).toEqual(NO_INPUTS);
});
