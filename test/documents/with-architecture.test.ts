import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { CONFIG } from './small-config.ts';

const SAME =
  '{layers: 2, hiddenSize: 64, queryHeads: 4, keyValueHeads: 2, headSize: 16, feedForwardSize: 128, vocabularySize: 97, tiedEmbeddings: false, ropeTheta: 10000, rmsNormEpsilon: 1e-6, maxPositions: 512}';

const fineTune = (model: string) => `kind: FineTune
name: own
model: {kind: pretrained, ${model}}
dataset: {source: {kind: generated, generator: running-digit, samples: 10, seed: 1}}
training: {sequenceLength: 64, epochs: 1, globalBatch: 2, optimizer: {learningRate: 1e-5}}
`;
const evaluation = (model: string) => `kind: Evaluation
name: asked
model: {kind: pretrained, ${model}}
evaluation:
  benchmarks: [{name: sums, source: {kind: generated, generator: running-digit, samples: 10, seed: 1}}]
  controls: [{kind: budget, maxThinkingTokens: 8}]
`;
const ablation = (base: string) => `kind: Ablation
name: two
base: ${base}
factor: training.epochs
arms: [{name: once, value: 1}, {name: twice, value: 2}]
`;
const inside = (model: string) => `\n  ${fineTune(model).trim().replaceAll('\n', '\n  ')}`;

let folder: string;
beforeEach(async () => {
  folder = temporaryFolder();
  await mkdir(join(folder, 'bases/model'), { recursive: true });
  await mkdir(join(folder, 'model'));
  for (const place of ['model', 'bases/model'])
    await writeFile(join(folder, place, 'config.json'), JSON.stringify(CONFIG));
});

async function load(text: string, name = 'recipe.yaml') {
  await writeFile(join(folder, name), text);
  return loadRecipe(join(folder, name));
}

it.each([
  ['a FineTune', fineTune],
  ['an Evaluation', evaluation],
  ['the base of an ablation', (model: string) => ablation(inside(model))],
])('%s may leave the numbers of its model to a folder that is here', async (_, recipe) => {
  const silent = await load(recipe('repository: ./model'));
  const written = await load(recipe(`repository: ./model, architecture: ${SAME}`));
  expect(silent).toEqual(written);
});

it('a base that is a file of its own finds its model from there', async () => {
  await writeFile(join(folder, 'bases/base.yaml'), fineTune('repository: ./model'));
  const { arms } = await load(ablation('bases/base.yaml'));
  expect(arms.map(({ recipe }) => recipe.model)).toMatchObject([
    { repository: 'bases/model', architecture: { layers: 2 } },
    { repository: 'bases/model', architecture: { layers: 2 } },
  ]);
});

it.each([
  ['is elsewhere', 'repository: /models/nowhere'],
  ['is a hub’s', `repository: a/b, revision: ${'5ede1c97'.repeat(5)}`],
])('a model that %s says its numbers in the recipe', async (_, model) => {
  await expect(load(fineTune(model))).rejects.toMatchObject({
    problems: [
      {
        what: 'model.architecture is missing',
        where: expect.stringContaining(':3:1') as string,
        why: expect.stringContaining('only a folder that is here can say itself') as string,
      },
    ],
  });
});

it('a folder that is not there, or does not say them, is refused where the recipe names it', async () => {
  await expect(load(fineTune('repository: ./absent'))).rejects.toMatchObject({
    problems: [{ code: 'model-folder-missing', where: expect.stringContaining(':3:39') as string }],
  });
  await writeFile(join(folder, 'model/config.json'), JSON.stringify({ ...CONFIG, model_type: 'mixtral' }));
  for (const [recipe, place] of [
    [fineTune('repository: ./model'), ':3:39'],
    [ablation(inside('repository: ./model')), ':6:41'],
  ] as const)
    await expect(load(recipe)).rejects.toMatchObject({
      problems: [{ code: 'not-a-model', where: expect.stringContaining(place) as string }],
    });
});

it('arms that are told apart by their models leave them their numbers, too', async () => {
  await mkdir(join(folder, 'wide'));
  await writeFile(join(folder, 'wide/config.json'), JSON.stringify({ ...CONFIG, hidden_size: 128 }));
  const models = (value: string) => `kind: Ablation
name: models
base: ${inside('repository: ./model')}
factor: model
arms:
  - {name: small, value: {kind: pretrained, repository: ./model}}
  - {name: wide, value: ${value}}
`;
  const { arms } = await load(models('{kind: pretrained, repository: ./wide}'));
  expect(arms.map(({ recipe }) => recipe.model.architecture.hiddenSize)).toEqual([64, 128]);
  await expect(load(models('{kind: pretrained, repository: ./absent}'))).rejects.toMatchObject({
    problems: [{ code: 'model-folder-missing', where: expect.stringContaining(':12:56') as string }],
  });
  await expect(load(models('none'))).rejects.toMatchObject({ problems: [{ code: 'arm-does-not-fit' }] });
});

it('a model that all arms set leaves them its numbers, too', async () => {
  await mkdir(join(folder, 'wide'));
  await writeFile(join(folder, 'wide/config.json'), JSON.stringify({ ...CONFIG, hidden_size: 128 }));
  const set = ablation(inside('repository: ./model')).replace(
    'factor:',
    'set: {model: {kind: pretrained, repository: ./wide}}\nfactor:',
  );
  const { arms } = await load(set);
  expect(arms.map(({ recipe }) => recipe.model.architecture.hiddenSize)).toEqual([128, 128]);
});

it.each([
  ['a list', '[]'],
  ['a text', 'none'],
  ['nothing', ''],
  ['an ablation without arms', 'kind: Ablation\nbase: {}\nfactor: model\n'],
  ['an ablation of nothing', 'kind: Ablation\nbase: []\nfactor: model\narms: [1, {}]\n'],
])('what is no recipe stays for the schema to judge: %s', async (_, text) => {
  await expect(load(text)).rejects.toMatchObject({ name: 'StintError' });
});

it('numbers that are written out are those of a folder that is here', async () => {
  for (const [written, fields] of [
    [SAME.replace('layers: 2', 'layers: 3').replace('1e-6', '1e-5'), ['layers', 'rmsNormEpsilon']],
    [SAME.replace('{', '{modelType: llama, '), ['modelType']],
    // Some may be left out.
    [SAME.replace('vocabularySize: 97, ', ''), []],
    [SAME.replace('ropeTheta: 10000, ', ''), ['ropeTheta']],
  ] as const) {
    const loaded = load(fineTune(`repository: ./model, architecture: ${written}`));
    if (fields.length === 0) await expect(loaded).resolves.toMatchObject({ arms: [{}] });
    else
      await expect(loaded).rejects.toMatchObject({
        problems: fields.map((name) => ({
          code: 'wrong-field',
          what: expect.stringContaining(`model.architecture.${name} is `) as string,
          where: expect.stringContaining(':3:') as string,
        })),
      });
  }
});

it('arms of another model than the one whose numbers the base has are refused before a plan', async () => {
  await mkdir(join(folder, 'wide'));
  await writeFile(join(folder, 'wide/config.json'), JSON.stringify({ ...CONFIG, hidden_size: 128 }));
  const arms = ablation(inside('repository: ./model'))
    .replace('training.epochs', 'model.repository')
    .replace('value: 1', 'value: ./model')
    .replace('value: 2', 'value: ./wide');
  await expect(load(arms)).rejects.toMatchObject({
    problems: [
      {
        what: 'model.architecture.hiddenSize is 64',
        todo: expect.stringContaining('factor: model') as string,
      },
      { what: 'model.architecture.headSize is 16' },
    ],
  });
});
