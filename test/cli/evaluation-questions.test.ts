import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { plan } from '../../orchestrator/cli/commands/plan.ts';
import { submissionHere } from '../../orchestrator/cli/submission-here.ts';
import { KINDS } from '../../orchestrator/errors/catalogue.ts';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import { CONFIG } from '../documents/small-config.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { commandContext } from './command-context.ts';
import { trainersReader } from './trainers-reader.ts';

/** Entries of Stint's own tokenizer. */
const TOKENS = 460;

/** Tokenizer and weights, all zero, beside the config.json of a folder. */
const MAKE_MODEL = `
import sys
from pathlib import Path
import numpy
from safetensors.numpy import save_file
from trainer.generate.tokenizer import build
from trainer.sft.architecture import read_architecture
from trainer.sft.model_folder import expected_shapes
folder = Path(sys.argv[1])
build(folder)
shapes = expected_shapes(read_architecture(folder))
save_file({name: numpy.zeros(shape, "float32") for name, shape in shapes.items()}, folder / "model.safetensors")
`;

const recipe = (benchmark = '') => `kind: Evaluation
name: asked
model: {kind: pretrained, repository: ./model}
evaluation:
  benchmarks: [{name: sums, source: {kind: file, path: sums.jsonl}${benchmark}}]
  controls: [{kind: budget, maxThinkingTokens: 8}]
  maxAnswerTokens: 8
`;

let folder: string;
const at = (name: string) => join(folder, name);
const lines = (...rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const ROW = { question: 'What is 1 and 1?', answer: 'two' };
const OTHER = { ...ROW, question: 'What is 2 and 0?' };

beforeEach(async () => {
  folder = temporaryFolder();
  await mkdir(at('model'));
  await writeFile(at('model/config.json'), JSON.stringify({ ...CONFIG, vocab_size: TOKENS }));
  execFileSync('.venv/bin/python', ['-c', MAKE_MODEL, at('model')]);
  await writeFile(at('sums.jsonl'), lines(ROW, OTHER));
  await writeFile(at('asked.yaml'), recipe());
});

const context = () => commandContext({ home: at('home'), dataReader: trainersReader });
async function planned(): Promise<{ readonly code: number; readonly of: Plan; refused: readonly string[] }> {
  const { context: on, printed } = context();
  const code = await plan(at('asked.yaml'), { cluster: 'laptop', json: true }, on);
  const of = JSON.parse(printed.join('')) as Plan;
  const refused = of.verdicts.flatMap(({ ok, refuses, name }) => (ok || !refuses ? [] : [name]));
  return { code, of, refused };
}

it('the questions of an evaluation are read where they lie, counted and measured', async () => {
  const { code, of } = await planned();
  expect(code).toBe(0);
  expect(of.verdicts.map(({ message }) => message).join('\n')).toMatch(
    /every question that is here can be asked and graded\n2 questions, 2 at a time/,
  );
});

it.each([
  ['a row that cannot be asked', 'sums.jsonl', lines(ROW, { question: 'What?' }), 'data-usable'],
  ['no row', 'sums.jsonl', '', 'data-usable'],
  ['an answer that its grader cannot read', 'asked.yaml', recipe(', grader: integer'), 'data-usable'],
  ['another number than the recipe says', 'asked.yaml', recipe(', questions: 3'), 'data-usable'],
  [
    'a question that would end the turn',
    'sums.jsonl',
    lines(ROW, { question: 'What <|im_end|>?', answer: 'one' }),
    'data-usable',
  ],
  ['weights that are cut short', 'model/model.safetensors', 'half', 'weights-whole'],
])('before it holds a device, an evaluation is judged by %s', async (_, file, text, refused) => {
  await writeFile(at(file), text);
  const judged = await planned();
  expect(judged.refused).toEqual([refused]);
  expect(judged.code).toBe(KINDS.refused.exitCode);
});

it('a tokenizer of another model than the weights is told before its devices are held', async () => {
  await writeFile(at('model/config.json'), JSON.stringify({ ...CONFIG, vocab_size: TOKENS - 1 }));
  expect((await planned()).refused).toEqual(['vocabulary-fits', 'weights-whole']);
});

it('weights are looked through again when they have changed, and not at all where another server has them', async () => {
  expect((await planned()).refused).toEqual([]);
  await rm(at('model/model.safetensors'));
  expect((await planned()).refused).toEqual(['weights-whole']);
  const engine = '\n  engine: {kind: endpoint, url: http://127.0.0.1:9/v1}\n';
  await writeFile(at('asked.yaml'), recipe().replace('\n  maxAnswerTokens', `${engine}  maxAnswerTokens`));
  const { of } = await planned();
  expect(of.verdicts.map(({ name }) => name)).not.toContain('weights-whole');
});

it('a server is told what was seen of questions that it does not have', async () => {
  const { context: on } = context();
  const options = { cluster: 'laptop' };
  const { submission } = await submissionHere(at('asked.yaml'), options, on);
  expect(submission.seen).toMatchObject([{ inspection: { benchmarks: [{ name: 'sums', rows: 2 }] } }]);
  // Of a checkpoint the tokenizer is at the server.
  const asked = await submissionHere(at('asked.yaml'), { ...options, checkpoint: 'c-1' }, on);
  expect(asked.submission.seen).toMatchObject([
    { inspection: { tokenizer: null, benchmarks: [{ rows: 2, longestPromptTokens: 0 }] } },
  ]);
});
