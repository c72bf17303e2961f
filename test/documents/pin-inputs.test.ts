import { appendFile, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { sha256 } from '../../orchestrator/documents/digest.ts';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { pinInputs } from '../../orchestrator/documents/pin-inputs.ts';
import { withoutEvaluation } from '../../orchestrator/documents/without-evaluation.ts';
import { pinned } from '../../orchestrator/plan/pinned.ts';
import { asRead, inputsOfRecipe } from '../../orchestrator/plan/planned-inputs.ts';

const RECIPE = `kind: FineTune
name: own
model:
  kind: pretrained
  repository: model
  architecture: {layers: 1, hiddenSize: 96, queryHeads: 3, keyValueHeads: 3, headSize: 32, feedForwardSize: 256, tiedEmbeddings: true}
dataset:
  source: {kind: file, path: traces.jsonl}
training: {sequenceLength: 64, epochs: 2, globalBatch: 16, optimizer: {learningRate: 3e-3}}
evaluation:
  benchmarks:
    - {name: sums, source: {kind: file, path: sums.jsonl}}
  controls: [{kind: budget, maxThinkingTokens: 4}]
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stint-pin-'));
  await mkdir(join(folder, 'model'));
  await writeFile(join(folder, 'model/config.json'), '{}');
  await writeFile(join(folder, 'model/model.safetensors'), 'weights');
  await writeFile(join(folder, 'traces.jsonl'), '{"question": "1"}\n');
  await writeFile(join(folder, 'sums.jsonl'), '{"question": "2"}\n');
});

async function loaded(text = RECIPE) {
  await writeFile(join(folder, 'recipe.yaml'), text);
  const whole = await loadRecipe(join(folder, 'recipe.yaml'));
  const [arm] = whole.arms;
  if (arm === undefined) throw new Error('a FineTune is one arm');
  return { whole, arm };
}
async function pins(text?: string) {
  const { arm } = await loaded(text);
  return { recipe: arm.recipe, pin: await pinInputs(arm.recipe, arm.inputs, join(folder, 'hashes.json')) };
}

it('a model, its data and its benchmarks are pinned by their bytes, and each changes alone with its own', async () => {
  const { pin: before } = await pins();
  expect(before.dataset).toEqual({ name: 'traces.jsonl', sha256: sha256('{"question": "1"}\n'), why: null });
  expect(before.benchmarks[0]).toMatchObject({ name: 'sums', sha256: sha256('{"question": "2"}\n') });
  expect(before.model?.sha256).toMatch(/^sha256:[0-9a-f]{64}$/);
  await appendFile(join(folder, 'model/model.safetensors'), '.');
  const { pin: after } = await pins();
  expect(after.model?.sha256).not.toBe(before.model?.sha256);
  expect({ ...after, model: null }).toEqual({ ...before, model: null });
  // What is written about a model is no part of it.
  await writeFile(join(folder, 'model/README.md'), 'a model');
  expect((await pins()).pin).toEqual(after);
});

it('data that is not what the recipe names is refused, and data that is passes', async () => {
  const naming = (digest: string) =>
    RECIPE.replace('path: traces.jsonl', `path: traces.jsonl, sha256: "${digest}"`);
  expect((await pins(naming(sha256('{"question": "1"}\n')))).pin.dataset?.why).toBeNull();
  await expect(pins(naming(`sha256:${'0'.repeat(64)}`))).rejects.toThrow('not what the recipe names');
});

it('a link of the model’s folder that leads nowhere is named, and no defect', async () => {
  await symlink(join(folder, 'blobs/gone'), join(folder, 'model/tokenizer.json'));
  await expect(pins()).rejects.toMatchObject({
    exitCode: 2,
    problems: [
      { code: 'input-unreadable', what: expect.stringMatching(/tokenizer.json cannot be read \(ENOENT\)/) },
    ],
  });
});

it('the verdict names what is pinned by content, what by a commit, and what by nothing yet', async () => {
  const { recipe, pin } = await pins();
  expect(pinned(recipe, pin)).toMatchObject({ ok: true, message: 'model, traces.jsonl, sums by sha256' });
  const elsewhere = await pins(RECIPE.replace('repository: model', 'repository: /models/nowhere'));
  expect(pinned(elsewhere.recipe, elsewhere.pin).message).toContain(
    'model.repository, which is not on this machine, by prepare',
  );
  const hub = RECIPE.replace(
    'kind: file, path: traces.jsonl',
    'kind: huggingface, repository: a/b, revision: unpinned',
  );
  const loose = await pins(hub);
  expect(pinned(loose.recipe, loose.pin)).toMatchObject({
    ok: false,
    message: expect.stringContaining('dataset.source.revision is unpinned'),
  });
});

it('what prepare has read stands in the place of what was not known at launch', async () => {
  const { recipe } = await pins(RECIPE.replace('repository: model', 'repository: /models/nowhere'));
  const read = {
    model: { sha256: 'sha256:m' },
    dataset: { sha256: 'sha256:d' },
    benchmarks: [{ name: 'sums', sha256: null }],
  };
  const known = asRead(inputsOfRecipe(recipe), read);
  expect([known.model?.sha256, known.dataset?.sha256, known.benchmarks[0]?.sha256]).toEqual([
    'sha256:m',
    'sha256:d',
    null,
  ]);
  expect(known.benchmarks[0]?.why).toContain('prepare pins');
  expect(asRead(known, undefined)).toEqual(known);
});

it('a recipe without its evaluation has its own digest, and reads no benchmark', async () => {
  const { whole } = await loaded();
  const trained = withoutEvaluation(whole);
  expect(trained.recipeDigest).not.toBe(whole.recipeDigest);
  expect(trained.arms[0]?.recipe.evaluation).toBeUndefined();
  expect(trained.arms[0]?.recipeDigest).toBe(trained.recipeDigest);
  expect(trained.arms[0]?.inputs.benchmarks).toEqual([]);
  expect(withoutEvaluation(trained).recipeDigest).toBe(trained.recipeDigest);
});
