import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { compareServed, type Family, initOf, makeFamily } from './own-model.ts';
import { checkpointIn, newHome, samplesOf, showRun, stint, stintJson } from './stint.ts';

const row = (number: number) => ({
  problem: `What is ${number} + 12?\n\n12 is the second.`,
  reasoning: `Ten and ${number} is ${number + 10}.\n\nTwo more is ${number + 12}.`,
  solution: `${number + 12}`,
});
const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${JSON.stringify(row(from + index))}\n`).join('');

const ASKED = `
evaluation:
  benchmarks:
    - name: held-out
      source: { kind: file, path: held-out.jsonl }
      fields: { question: problem, answer: solution }
  controls:
    - { kind: budget, maxThinkingTokens: 8 }
  maxAnswerTokens: 8
`;

describe.each([
  ['qwen3', null],
  ['llama', 'You are a helpful AI assistant named SmolLM, trained by Hugging Face'],
] as const)('a folder of model_type %s', (family: Family, systemPrompt) => {
  let home: string;
  let recipe: string;
  let run: string;
  let checkpoint: string;
  const at = (name: string) => join(home, name);

  beforeAll(async () => {
    home = await newHome();
    await mkdir(at('my-model'));
    await makeFamily(at('my-model'), family);
    await writeFile(at('traces.jsonl'), rows(100, 116));
    await writeFile(at('held-out.jsonl'), rows(200, 204));
    recipe = at('mine.yaml');
    const made = await stint(home, ...initOf(at('my-model'), at('traces.jsonl'), recipe));
    if (made.code !== 0) throw new Error(made.stderr);
    await writeFile(recipe, (await readFile(recipe, 'utf8')).replace(/epochs: \d+/, 'epochs: 1') + ASKED);
    const launched = await stint(home, 'launch', recipe, '--cluster', 'laptop', '--wait');
    if (launched.code !== 0) throw new Error(launched.stdout + launched.stderr);
    checkpoint = checkpointIn(launched.stdout);
    const { runs } = await stintJson<{ runs: { id: string }[] }>(home, 'runs', 'ls');
    run = runs[0]?.id ?? '';
  });

  it('becomes a recipe of its family, with the system prompt of its own template', async () => {
    const { arms } = await loadRecipe(recipe);
    expect(arms[0]?.recipe).toMatchObject({
      model: { architecture: { modelType: family, headSize: 16, hiddenSize: 32 } },
      dataset: { systemPrompt },
    });
  });

  it('is trained, evaluated and registered as what it was, with every tensor of its family', async () => {
    expect(await samplesOf(home, run)).toHaveLength(4);
    expect(await stint(home, 'checkpoints', 'verify', checkpoint)).toMatchObject({ code: 0 });
    const { workFolder } = await showRun(home, run);
    const config = async (folder: string) =>
      JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as { readonly model_type: string };
    const { model_type: exported } = await config(join(workFolder, 'model'));
    expect([exported, (await config(at('my-model'))).model_type]).toEqual([family, family]);
  });

  it('says to stock transformers what it says here, asked by its chat template', async () => {
    const { workFolder } = await showRun(home, run);
    const served = await compareServed(join(workFolder, 'model'), ['What is 12 + 1212?\n\n12 is a dozen.']);
    for (const { furthest, transformers, stint: own } of served) {
      expect(furthest).toBeLessThan(1e-3);
      expect(own).toEqual(transformers);
    }
  });

  it('is refused where the recipe means another family, naming both', async () => {
    const other = at('other.yaml');
    await writeFile(other, (await readFile(recipe, 'utf8')).replace(/ +modelType: .*\n/, ''));
    const refused = await stint(home, 'launch', other, '--cluster', 'laptop', '--wait');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      new RegExp(`modelType is qwen2\\n.*other\\.yaml:\\d+:.*\\n.*config\\.json says ${family}`),
    );
  });
});
