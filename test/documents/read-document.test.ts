import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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

describe('what a recipe names', () => {
  const PRETRAINED = RECIPE.replace('kind: scratch', 'kind: pretrained\n  repository: REPOSITORY');
  const repository = (text: string) => PRETRAINED.replace('REPOSITORY', text);
  const modelFolder = async (name: string) => {
    await mkdir(join(folder, name), { recursive: true });
    for (const file of ['model.safetensors', 'config.json', 'README.md', 'tokenizer.json'])
      await writeFile(join(folder, name, file), `${name} ${file}`);
  };

  it('is a model’s folder relative to the recipe, without a revision', async () => {
    await modelFolder('models/own');
    const [arm] = (await load(repository('models/own'))).arms;
    expect(arm?.inputs.model).toMatchObject({
      kind: 'folder',
      folder: join(folder, 'models/own'),
      files: ['config.json', 'model.safetensors', 'tokenizer.json'].map((name) => ({ name })),
    });
  });

  it('is a repository of a hub where it has a commit, and may lie elsewhere where it is absolute', async () => {
    const hub = repository(`Qwen/Qwen2.5-32B-Instruct\n  revision: ${'5ede1c97'.repeat(5)}`);
    expect((await load(hub)).arms[0]?.inputs.model).toEqual({ kind: 'hub' });
    const elsewhere = await load(repository('/models/nowhere'));
    expect(elsewhere.arms[0]?.inputs.model).toEqual({ kind: 'elsewhere', folder: '/models/nowhere' });
  });

  it.each([
    ['a folder that is not there', './models/absent', 'model-folder-missing'],
    ['a folder without config.json', 'models', 'not-a-model'],
    ['a file', 'models/own/config.json', 'not-a-model'],
    ['a hub’s repository without a commit', 'Qwen/Qwen2.5-32B-Instruct', 'revision-missing'],
  ])('is refused at its line where it is %s', async (_, text, code) => {
    await modelFolder('models/own');
    const [problem] = await problemsOf(repository(text));
    expect([problem?.code, place(problem)]).toEqual([code, ':5:15']);
  });

  it('is no commit where all its digits are 0', async () => {
    const [problem] = await problemsOf(repository(`a/b\n  revision: "${'0'.repeat(40)}"`));
    expect(problem?.why).toContain('not all of them 0');
  });

  it('is found from the file in which it is written, for an ablation whose base is another file', async () => {
    await mkdir(join(folder, 'bases/data'), { recursive: true });
    for (const name of ['a', 'b']) await writeFile(join(folder, `bases/data/${name}.jsonl`), '{}\n');
    await writeFile(join(folder, 'own.jsonl'), '{}\n');
    const base = RECIPE.replace(/source: .*/, 'source: {kind: file, path: data}');
    await writeFile(join(folder, 'bases/base.yaml'), base);
    const ablation = `kind: Ablation
name: two
base: bases/base.yaml
factor: dataset.source.path
arms:
  - {name: own, value: own.jsonl}
  - {name: theirs, value: bases/data}
`;
    const { arms } = await load(ablation);
    expect(arms.map(({ inputs }) => inputs.dataset?.map(({ name }) => name))).toEqual([
      ['own.jsonl'],
      ['bases/data/a.jsonl', 'bases/data/b.jsonl'],
    ]);
    const factor = 'factor: training.epochs';
    const arm = (value: number) => `{name: e${value}, value: ${value}}`;
    const other = ablation
      .replace('factor: dataset.source.path', factor)
      .replace('{name: own, value: own.jsonl}', arm(1))
      .replace('{name: theirs, value: bases/data}', arm(2));
    expect((await load(other)).arms[0]?.inputs.dataset?.map(({ path }) => path)).toEqual(
      ['a', 'b'].map((name) => join(folder, `bases/data/${name}.jsonl`)),
    );
    expect(
      (await problemsOf(ablation.replace('value: own.jsonl', 'value: nothing.jsonl'))).map(place),
    ).toEqual([':6:24']);
    const absent = RECIPE.replace('kind: scratch', 'kind: pretrained\n  repository: ./models/absent');
    await writeFile(join(folder, 'bases/base.yaml'), absent);
    const [missing] = await problemsOf(other);
    expect(missing?.what).toContain(join(folder, 'bases/models/absent'));
    expect(missing?.where).toBe(`${join(folder, 'bases/base.yaml')}:5:15`);
    await writeFile(join(folder, 'bases/base.yaml'), base);
    await rm(join(folder, 'bases/data'), { recursive: true });
    expect((await problemsOf(other))[0]?.where).toBe(`${join(folder, 'bases/base.yaml')}:7:30`);
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

describe('an ablation', () => {
  const ablation = `kind: Ablation
name: lengths
base: base.yaml
set: {dataset.overLength: truncate}
factor: training.sequenceLength
arms:
  - {name: short, value: 32}
  - {name: long, value: 64}
`;

  async function placesOf(text: string): Promise<readonly (string | undefined)[]> {
    await writeFile(join(folder, 'base.yaml'), RECIPE);
    return (await problemsOf(text)).map(place);
  }

  it.each([
    [
      'a factor that names no field',
      ablation.replace('factor: training.seq', 'factor: training.sec'),
      ':5:9',
    ],
    ['a set path that names no field', ablation.replace('overLength', 'overLenght'), ':4:7'],
    [
      'a set path that is the factor',
      ablation.replace('dataset.overLength: t', 'training.sequenceLength: t'),
      ':4:7',
    ],
    ['a value that does not fit', ablation.replace('value: 64', 'value: wide'), ':8:25'],
    ['a set value that does not fit', ablation.replace('truncate', 'shorten'), ':4:27'],
    ['two arms of one value', ablation.replace('value: 64', 'value: 32'), ':8:25'],
    ['two arms of one name', ablation.replace('name: long', 'name: short'), ':8:12'],
    ['a base that is not there', ablation.replace('base.yaml', 'absent.yaml'), ':3:7'],
  ])('says of %s where it stands', async (_, text, expected) => {
    expect((await placesOf(text))[0]).toBe(expected);
  });

  it('stands as it is written', async () => {
    expect(await placesOf(ablation)).toEqual([]);
  });
});
