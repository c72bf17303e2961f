import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { launch } from '../../orchestrator/cli/commands/launch.ts';
import { plan } from '../../orchestrator/cli/commands/plan.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { commandContext, noRuns } from './command-context.ts';
import { trainersReader } from './trainers-reader.ts';

const RECIPE = `kind: FineTune
name: own
model:
  kind: scratch
  architecture: {layers: 1, hiddenSize: 96, queryHeads: 3, keyValueHeads: 3, headSize: 32, feedForwardSize: 256, tiedEmbeddings: true, vocabularySize: 512}
dataset:
  source: {kind: file, path: PATH}
  lengths: {of: sample, source: counted, bins: [{from: 10, to: 20, count: 100}]}
training: {sequenceLength: 512, epochs: 2, globalBatch: 16, optimizer: {learningRate: 3e-3}}
`;

const rows = (answer: string) =>
  Array.from({ length: 32 }, (_, row) =>
    JSON.stringify({ question: `What is ${row} + 1?`, trace: `${row} + 1 = ${row + 1}`, answer }),
  ).join('\n');

async function setUp(path: string) {
  const home = temporaryFolder();
  await mkdir(join(home, 'data'));
  await writeFile(join(home, 'data/a.jsonl'), rows('known'));
  const recipe = join(home, 'recipe.yaml');
  await writeFile(recipe, RECIPE.replace('PATH', path));
  return { ...commandContext({ home, openWorkplace: noRuns, dataReader: trainersReader }), recipe, home };
}

it('a plan says by which bytes its data is pinned, and another byte is another pin', async () => {
  const { context, printed, recipe, home } = await setUp('data');
  const pin = async () => {
    expect(await plan(recipe, { cluster: 'laptop', json: true }, context)).toBe(0);
    return (JSON.parse(printed.pop() ?? '') as { inputs: { dataset: { sha256: string } } }).inputs.dataset;
  };
  const before = await pin();
  expect(before).toMatchObject({ name: 'data', sha256: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
  await writeFile(join(home, 'data/a.jsonl'), rows('other'));
  expect((await pin()).sha256).not.toBe(before.sha256);
});

it('data that only a cluster can hold is planned for it and refused on this machine, before anything is made', async () => {
  const { context, recipe } = await setUp('/nowhere/data.jsonl');
  const refused = { problems: [{ code: 'input-not-here', where: `${recipe} dataset.source.path` }] };
  await expect(plan(recipe, { cluster: 'laptop' }, context)).rejects.toMatchObject(refused);
  await expect(launch(recipe, { cluster: 'laptop' }, context)).rejects.toMatchObject(refused);
  expect(await plan(recipe, { cluster: 'h100-8' }, context)).toBe(0);
});
