import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { isStintError, type Problem } from '../../orchestrator/errors/stint-error.ts';

const RECIPE = `kind: FineTune
name: tiny
model:
  kind: scratch
  architecture: {layers: 1, hiddenSize: 96, queryHeads: 3, keyValueHeads: 3, headSize: 32, feedForwardSize: 256, tiedEmbeddings: true}
dataset:
  source: {kind: generated, generator: running-digit, samples: 100, seed: 1}
training:
  sequenceLength: 64
  epochs: 2
  globalBatch: 16
  optimizer: {learningRate: 3e-3}
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stint-documents-'));
});

async function load(text: string) {
  const file = join(folder, 'recipe.yaml');
  await writeFile(file, text);
  return loadRecipe(file);
}

async function problemsOf(text: string): Promise<readonly Problem[]> {
  try {
    await load(text);
  } catch (error) {
    if (isStintError(error)) return error.problems;
    throw error;
  }
  return [];
}

const place = (problem: Problem | undefined) => problem?.where?.split('recipe.yaml').at(-1);

describe('loadRecipe', () => {
  it('reads 3e-3 as a number and digests content, not formatting', async () => {
    const plain = await load(RECIPE);
    const commented = await load(`# a comment\n${RECIPE.replace('epochs: 2', 'epochs:   2   # two')}`);
    expect(plain.arms[0]?.recipe.training.optimizer.learningRate).toBe(0.003);
    expect(commented.recipeDigest).toBe(plain.recipeDigest);
    expect((await load(RECIPE.replace('epochs: 2', 'epochs: 3'))).recipeDigest).not.toBe(plain.recipeDigest);
  });

  it('names line and column of each wrong field, in the order of the file', async () => {
    const problems = await problemsOf(
      RECIPE.replace('kind: scratch', 'kind: scrtch').replace('epochs: 2', 'epochs: two'),
    );
    expect(problems.map(place)).toEqual([':4:9', ':10:11']);
  });

  it('points at the key when the key is wrong', async () => {
    expect((await problemsOf(`${RECIPE}bugdet: {gpuHours: 1}\n`)).map(place)).toEqual([':13:1']);
  });

  it.each([
    ['a syntax error', RECIPE.replace('{learningRate: 3e-3}', '{learningRate: 3e-3'), 'yaml-syntax'],
    ['a key that stands twice', `${RECIPE}name: again\n`, 'yaml-syntax'],
    [
      'a data file that is not there',
      RECIPE.replace(/source: .*/, 'source: {kind: file, path: nowhere.jsonl}'),
      'data-file-missing',
    ],
  ])('refuses %s', async (_, text, code) => {
    expect((await problemsOf(text))[0]?.code).toBe(code);
  });

  it('says so when the recipe itself is not there', async () => {
    await expect(loadRecipe(join(folder, 'absent.yaml'))).rejects.toThrow('there is no file');
  });
});

describe('loadProfile', () => {
  it('knows the shipped profiles by name and offers the one that was meant', async () => {
    expect((await loadProfile('laptop')).backend.kind).toBe('local');
    await expect(loadProfile('laptp')).rejects.toThrow('no cluster profile "laptp"');
  });

  it('refuses a size without its unit, and says which units there are', async () => {
    const file = join(folder, 'profile.yaml');
    await writeFile(
      file,
      'kind: ClusterProfile\nname: x\ndevice: {kind: gpu, model: H100, memory: "80 parsecs", peakTflops: 989.4}\n',
    );
    await expect(loadProfile(file)).rejects.toMatchObject({
      problems: expect.arrayContaining([
        expect.objectContaining({
          what: 'device.memory is "80 parsecs"',
          why: expect.stringContaining('GiB') as string,
        }),
      ]) as Problem[],
    });
  });
});
