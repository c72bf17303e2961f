import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { installLocked } from '../../ops/install-locked.ts';
import { showRun, stintJson } from '../end-to-end/stint.ts';
import { EXAMPLE_HOME } from './example-home.ts';
import { VLLM_ENVIRONMENT } from './vllm-environment.ts';

const QUESTIONS = 12;
const TOKENS = 96;

/** What a library makes of a question by itself: with the folder's own chat template, greedily. */
interface Answer {
  readonly prompt: readonly number[];
  readonly tokens: readonly number[];
  readonly text: string;
}

const IN_TRANSFORMERS = `
import json, sys
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
folder, limit = sys.argv[1], int(sys.argv[2])
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
answers = []
for question in json.load(sys.stdin):
    turns = [{"role": "user", "content": question}]
    inputs = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    with torch.no_grad():
        ids = model.generate(**inputs, max_new_tokens=limit, do_sample=False)[0].tolist()
    asked = inputs["input_ids"].shape[1]
    answers.append({"prompt": ids[:asked], "tokens": ids[asked:], "text": tokenizer.decode(ids[asked:])})
print(json.dumps(answers))
`;

/** The engine's own process starts this file again, so nothing may happen while it is only imported. */
const IN_VLLM = `
import json, sys
from vllm import LLM, SamplingParams

def main():
    folder, limit = sys.argv[1], int(sys.argv[2])
    questions = json.load(sys.stdin)
    model = LLM(folder, dtype="float32", max_model_len=512, max_num_seqs=16, enforce_eager=True)
    chats = [[{"role": "user", "content": question}] for question in questions]
    found = model.chat(chats, SamplingParams(temperature=0, max_tokens=limit, skip_special_tokens=False))
    answers = [
        {"prompt": list(each.prompt_token_ids), "tokens": list(each.outputs[0].token_ids), "text": each.outputs[0].text}
        for each in found
    ]
    with open(sys.argv[3], "w") as file:
        json.dump(answers, file)

if __name__ == "__main__":
    main()
`;

let inTransformers: readonly Answer[];
let inVllm: readonly Answer[];
let end: number;

beforeAll(async () => {
  if (!existsSync(EXAMPLE_HOME)) throw new Error('run `npm test -- --slow --only example` first');
  const { runs } = await stintJson<{ runs: { id: string; arm: string }[] }>(EXAMPLE_HOME, 'runs', 'ls');
  const { workFolder } = await showRun(EXAMPLE_HOME, runs.find(({ arm }) => arm === 'long')?.id ?? '');
  const folder = join(workFolder, 'model');
  const lines = readFileSync('recipes/data/bus-rides-test.jsonl', 'utf8').trim().split('\n');
  const questions = lines
    .slice(0, QUESTIONS)
    .map((line) => (JSON.parse(line) as { question: string }).question);
  const input = JSON.stringify(questions);
  const { stdout } = await execa('.venv/bin/python', ['-c', IN_TRANSFORMERS, folder, String(TOKENS)], {
    input,
  });
  inTransformers = JSON.parse(stdout) as readonly Answer[];
  const python = join(await installLocked('vllm', console.log), 'python');
  inVllm = await askVllm(python, folder, input);
  const config = JSON.parse(readFileSync(join(folder, 'generation_config.json'), 'utf8')) as {
    eos_token_id: number | number[];
  };
  end = [config.eos_token_id].flat()[0] ?? -1;
});

async function askVllm(python: string, folder: string, input: string): Promise<readonly Answer[]> {
  const [script, output] = [resolve('.cache/slow/ask-vllm.py'), resolve('.cache/slow/vllm.json')];
  await rm(output, { force: true });
  await writeFile(script, IN_VLLM);
  await execa(python, [script, folder, String(TOKENS), output], { input, env: VLLM_ENVIRONMENT });
  return JSON.parse(readFileSync(output, 'utf8')) as readonly Answer[];
}

describe('what the example exports', () => {
  it('is asked the same by transformers and by vLLM', () => {
    expect(inTransformers).toHaveLength(QUESTIONS);
    expect(inVllm.map(({ prompt }) => prompt)).toEqual(inTransformers.map(({ prompt }) => prompt));
  });

  it('gives the same greedy tokens in both', () => {
    expect(inVllm.map(({ tokens }) => tokens)).toEqual(inTransformers.map(({ tokens }) => tokens));
  });

  it('thinks, answers and stops by itself, as it was trained to', () => {
    const whole = inTransformers.filter(({ text }) =>
      /think\n(\w+:\d+[+-]\d=\d+\n)+.*answer\n.*Final Answer: \d+/s.test(text),
    );
    expect(whole.length).toBeGreaterThan(QUESTIONS / 2);
    for (const { tokens } of whole) expect(tokens.at(-1)).toBe(end);
  });
});
