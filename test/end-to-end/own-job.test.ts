import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import type { DataReport } from '../../orchestrator/plan/data-report.ts';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import type { Prepared } from '../../orchestrator/wire/prepared.ts';
import { initOf, makeModel, makeParquet, realTraces } from './own-model.ts';
import { newHome, RECIPES, showRun, stint, stintJson } from './stint.ts';

const traces = await realTraces();
if (traces === null) console.log('skipped: ../shared/data/marco-o1-traces.jsonl is not there');

/** Few and short, so that the journey takes seconds. */
const SAMPLES = 16;

describe.skipIf(traces === null)('a model and data of somebody’s own', () => {
  let home: string;
  let recipe: string;
  let told: string;
  const at = (name: string) => join(home, name);

  beforeAll(async () => {
    home = await newHome();
    recipe = at('recipes/mine.yaml');
    await mkdir(at('recipes'));
    const rows = (traces ?? []).slice(0, SAMPLES).map((row) => `${JSON.stringify(row)}\n`);
    await writeFile(at('traces.jsonl'), rows.join(''));
    await Promise.all([makeModel(at('my-model')), makeParquet(at('traces.jsonl'), at('traces.parquet'))]);
    const made = await stint(home, ...initOf(at('my-model'), at('traces.jsonl'), recipe));
    if (made.code !== 0) throw new Error(made.stderr);
    told = made.stdout;
  });

  it('become a recipe that says why, plans, and is not written over', async () => {
    expect(told).toMatch(/question +column "problem"/);
    const { arms } = await loadRecipe(recipe);
    expect(arms[0]?.recipe).toMatchObject({
      model: { kind: 'pretrained', architecture: { layers: 2, hiddenSize: 16, vocabularySize: 151_936 } },
      dataset: { fields: { question: 'problem', trace: 'reasoning', answer: 'solution' } },
      training: { compute: 'fp32', epochs: 5 },
    });
    expect(await readFile(recipe, 'utf8')).toContain('# s1 passed five times');
    const again = await stint(home, ...initOf(at('my-model'), at('traces.jsonl'), recipe));
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') });
  });

  it('are the same data as JSON Lines and as Parquet, measured in the model’s own tokens', async () => {
    const look = (data: string) =>
      stintJson<DataReport>(home, 'data', 'inspect', at(data), '--model', at('my-model'));
    const lines = await look('traces.jsonl');
    const { sha256: _, ...parquet } = await look('traces.parquet');
    expect(lines).toMatchObject({ ...parquet, rows: SAMPLES, samples: SAMPLES, broken: [], guessed: true });
    expect(lines.lengths?.bins.reduce((sum, { count }) => sum + count, 0)).toBe(SAMPLES);
    expect(lines.tokenizer?.vocabularySize).toBe(151_665);
  });

  it('are as long by themselves as in the recipe that was written for them, whatever the model’s template begins with', async () => {
    await cp(at('my-model'), at('plain-model'), { recursive: true });
    const config = at('plain-model/tokenizer_config.json');
    const { chat_template: _, ...plain } = JSON.parse(await readFile(config, 'utf8')) as object & {
      readonly chat_template?: unknown;
    };
    await writeFile(config, JSON.stringify(plain));
    const data = at('traces.jsonl');
    const lengths = await Promise.all(
      ['my-model', 'plain-model'].map(async (name) => {
        const file = at(`recipes/of-${name}.yaml`);
        const made = await stintJson<{ data: DataReport }>(home, ...initOf(at(name), data, file));
        const seen = await stintJson<DataReport>(home, 'data', 'inspect', data, '--model', at(name));
        expect(seen.lengths).toEqual(made.data.lengths);
        return seen.lengths?.median ?? 0;
      }),
    );
    // Qwen's own template begins with a system turn, and a template that is not there with nothing.
    expect(lengths[0]).toBeGreaterThan(lengths[1] ?? 0);
  });

  it('are trained between the tokens that the model has for its thinking, and measured so', async () => {
    await cp(at('my-model'), at('thinking-model'), { recursive: true });
    const tokenizer = at('thinking-model/tokenizer.json');
    const content = JSON.parse(await readFile(tokenizer, 'utf8')) as { added_tokens: { id: number }[] };
    const added = ['<think>', '</think>'].map((text, index) => ({
      ...content.added_tokens.at(-1),
      id: 151_665 + index,
      content: text,
      special: false,
    }));
    await writeFile(
      tokenizer,
      JSON.stringify({ ...content, added_tokens: [...content.added_tokens, ...added] }),
    );
    const [data, file] = [at('traces.jsonl'), at('recipes/thinking.yaml')];
    const model = ['--model', at('thinking-model')];
    const made = await stintJson<{ data: DataReport }>(home, ...initOf(at('thinking-model'), data, file));
    expect((await loadRecipe(file)).arms[0]?.recipe.dataset.thinking).toEqual({
      start: '<think>\n',
      end: '</think>',
      answerStart: '</think>\n\n',
      finalAnswer: 'Final Answer:',
    });
    const seen = await stintJson<DataReport>(home, 'data', 'inspect', data, ...model);
    const planned = await stintJson<DataReport>(home, 'data', 'inspect', file);
    expect([seen.lengths, planned.lengths]).toEqual([made.data.lengths, made.data.lengths]);
    // One token begins it and one ends it, where s1's delimiters take two each.
    const s1 = await stintJson<DataReport>(home, 'data', 'inspect', data, '--model', at('my-model'));
    expect(seen.lengths?.median).toBe((s1.lengths?.median ?? 0) - 2);
  });

  it('have their broken rows named by file and line, and are refused before anything starts', async () => {
    const good = await readFile(at('traces.jsonl'), 'utf8');
    await writeFile(at('broken.jsonl'), `${good}{"problem": "x"}\nnot JSON\n`);
    const report = await stintJson<DataReport>(
      home,
      'data',
      'inspect',
      at('broken.jsonl'),
      '--model',
      at('my-model'),
    );
    expect(report.brokenRows).toBe(2);
    expect(report.broken.map(({ line }) => line)).toEqual([SAMPLES + 1, SAMPLES + 2]);
    const other = at('recipes/broken.yaml');
    await writeFile(other, (await readFile(recipe, 'utf8')).replaceAll('traces.jsonl', 'broken.jsonl'));
    const refused = await stint(home, 'launch', other, '--cluster', 'laptop', '--wait');
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/2 rows cannot be used \(.*broken\.jsonl:17/);
  });

  it('carry their lengths to where the data is not, and say so when another tokenizer counted them', async () => {
    const carried = at('recipes/carried.yaml');
    const before = await readFile(recipe, 'utf8');
    await writeFile(carried, before);
    const written = await stint(home, 'data', 'inspect', carried, '--write-lengths');
    expect(written).toMatchObject({ code: 0 });
    const after = await readFile(carried, 'utf8');
    expect(after.replace(/\n {2}lengths:\n(?: {4}.*\n)+/, '\n')).toBe(before);
    const away = after
      .replace(/path: .*traces\.jsonl"?/, 'path: /nowhere/traces.jsonl')
      .replace(/globalBatch: \d+/, 'globalBatch: 16');
    await writeFile(carried, away);
    const planned = await stintJson<Plan>(home, 'plan', carried, '--cluster', 'h100-16');
    expect(planned).toMatchObject({ basis: 'histogram', samples: SAMPLES });
    await writeFile(carried, away.replace(/tokenizer: sha256:.{8}/, 'tokenizer: sha256:00000000'));
    const other = await stintJson<Plan>(home, 'plan', carried, '--cluster', 'h100-16');
    expect(other.basis).toBe('none');
    expect(JSON.stringify(other.verdicts)).toContain('another tokenizer');
  });

  it('are planned as prepare counts them, also for a model from scratch', async () => {
    const scratch = at('recipes/scratch.yaml');
    const tiny = await readFile(join(RECIPES, 'tiny.yaml'), 'utf8');
    const source = 'source: {kind: file, path: ../traces.jsonl}';
    const fields = 'fields: {question: problem, trace: reasoning, answer: solution}';
    await writeFile(
      scratch,
      tiny
        .replace(/source: .*/, `${source}\n  ${fields}\n  overLength: truncate`)
        .replace(/sequenceLength: .*/, 'sequenceLength: 1024')
        .replace(/epochs: .*/, 'epochs: 4'),
    );
    const plan = await stintJson<Plan>(home, 'plan', scratch, '--cluster', 'laptop');
    expect(plan.basis).toBe('measured');
    const launched = await stint(home, 'launch', scratch, '--cluster', 'laptop', '--wait');
    expect(launched).toMatchObject({ code: 0 });
    const { runs } = await stintJson<{ runs: { id: string }[] }>(home, 'runs', 'ls');
    const { workFolder, state } = await showRun(home, runs[0]?.id ?? '');
    expect(state).toBe('succeeded');
    const prepared = JSON.parse(
      await readFile(join(workFolder, 'data', 'prepared.json'), 'utf8'),
    ) as Prepared;
    const { samples, steps, warmupSteps, lengths, truncated } = prepared;
    const batch = (await loadRecipe(scratch)).arms[0]?.recipe.training.globalBatch ?? 0;
    const passes = Math.ceil(samples / batch) * batch;
    const tokens = lengths.reduce((sum, length) => sum + length, 0);
    expect(plan).toMatchObject({
      samples,
      steps,
      warmupSteps,
      truncatedShare: truncated / samples,
      tokensPerEpoch: Math.round((tokens * passes) / samples),
    });
  });
});
