import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readArchitecture } from '../../orchestrator/documents/model-architecture.ts';
import { ArchitectureSchema } from '../../orchestrator/recipe/model.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { CONFIG } from './small-config.ts';

/** Writes published configurations into folders of the first argument, and prints what the trainer reads of each. */
const AS_THE_TRAINER_READS = `
import json, sys
from pathlib import Path
from trainer.sft.architecture import FIELDS, read_architecture
from trainer.tests.published import OTHERS, PUBLISHED, config, other
read = {}
for size in [*PUBLISHED, *OTHERS]:
    folder = Path(sys.argv[1]) / size
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(other(size) if size in OTHERS else config(size)))
    found = read_architecture(folder)
    read[size] = {name: getattr(found, attribute) for name, attribute, _ in FIELDS}
print(json.dumps(read))
`;

it('reads published configurations as the trainer does', async () => {
  const folder = temporaryFolder();
  const printed = execFileSync('.venv/bin/python', ['-c', AS_THE_TRAINER_READS, folder], {
    encoding: 'utf8',
  });
  const read = Object.entries(JSON.parse(printed) as Record<string, unknown>);
  expect(read.length).toBeGreaterThan(8);
  for (const [size, theirs] of read)
    expect([size, ArchitectureSchema.parse(await readArchitecture(join(folder, size), 'here'))]).toEqual([
      size,
      ArchitectureSchema.parse(theirs),
    ]);
});

function folderOf(config: unknown): string {
  const folder = join(temporaryFolder(), 'model');
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return folder;
}

it('takes what transformers 5 keeps elsewhere, and what follows from the rest', async () => {
  const { rope_theta: _, ...others } = CONFIG;
  const moved = { ...others, rope_theta: null, rope_parameters: { rope_theta: 5e5, rope_type: 'default' } };
  expect(await readArchitecture(folderOf(moved), 'here')).toMatchObject({
    ropeTheta: 5e5,
    headSize: 16,
    tiedEmbeddings: false,
  });
  const wide = await readArchitecture(folderOf({ ...CONFIG, head_dim: 32 }), 'here');
  expect([wide.headSize, wide.ropeTheta]).toEqual([32, 10_000]);
});

it.each([
  ['is no JSON', '{', /^it is not JSON$/],
  ['is a list', [], /the document is \[\]/],
  [
    'is of another family',
    { ...CONFIG, model_type: 'gemma3' },
    /model_type is "gemma3", expected one of qwen2, /,
  ],
  ['lacks a number', { ...CONFIG, vocab_size: undefined }, /vocab_size is missing/],
  ['lacks the rotary base', { ...CONFIG, rope_theta: undefined }, /rope_theta is missing/],
  ['has half a layer', { ...CONFIG, num_hidden_layers: 2.5 }, /num_hidden_layers is 2.5/],
])('refuses a config.json that %s', async (_, config, why) => {
  await expect(readArchitecture(folderOf(config), 'recipe.yaml:3:1')).rejects.toMatchObject({
    problems: [{ code: 'not-a-model', where: 'recipe.yaml:3:1', why: expect.stringMatching(why) as string }],
  });
});
