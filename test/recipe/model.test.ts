import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { digestOf } from '../../orchestrator/documents/digest.ts';
import { ModelTypeSchema } from '../../orchestrator/recipe/family.ts';
import { FineTuneSchema } from '../../orchestrator/recipe/fine-tune.ts';
import { ArchitectureSchema } from '../../orchestrator/recipe/model.ts';
import { parseDocument } from '../../orchestrator/recipe/parse-document.ts';
import { recipe } from '../plan/fixtures.ts';

const NUMBERS = {
  layers: 2,
  hiddenSize: 8,
  queryHeads: 2,
  keyValueHeads: 1,
  headSize: 4,
  feedForwardSize: 16,
  tiedEmbeddings: true,
};

it('a Qwen2 is the same whether a recipe says so or, as older ones, nothing', () => {
  const silent = ArchitectureSchema.parse(NUMBERS);
  expect(ArchitectureSchema.parse({ modelType: 'qwen2', ...NUMBERS })).toEqual(silent);
  expect(silent).not.toHaveProperty('modelType');
  const s1 = recipe('s1-32b');
  const said = {
    ...s1,
    model: { ...s1.model, architecture: { ...s1.model.architecture, modelType: 'qwen2' } },
  };
  expect(digestOf(FineTuneSchema.parse(said))).toBe(digestOf(s1));
});

it('another family is kept, and makes another digest', () => {
  const [silent, qwen3] = [{}, { modelType: 'qwen3' }].map((family) =>
    ArchitectureSchema.parse({ ...family, ...NUMBERS }),
  );
  expect(qwen3).toEqual({ ...silent, modelType: 'qwen3' });
  expect(digestOf(qwen3)).not.toBe(digestOf(silent));
});

it('a family that is not computed is refused at its field, which names those that are', () => {
  const parsed = ArchitectureSchema.safeParse({ modelType: 'qwen3_moe', ...NUMBERS });
  expect(parsed.error?.issues).toMatchObject([{ path: ['modelType'], values: ModelTypeSchema.options }]);
});

it('the trainer’s table has the same families', () => {
  const table = readFileSync('trainer/family.py', 'utf8');
  expect([...table.matchAll(/^ {4}"(\w+)": Family\(/gm)].map(([, name]) => name)).toEqual(
    ModelTypeSchema.options,
  );
});

it.each([
  ['keyValueHeads', { queryHeads: 4, keyValueHeads: 3 }, 'a divisor of queryHeads'],
  ['keyValueHeads', { queryHeads: 2, keyValueHeads: 4 }, 'a divisor of queryHeads'],
  ['headSize', { headSize: 15 }, 'an even number'],
])('heads that cannot be computed with are refused at %s', (field, odd, expected) => {
  const parsed = parseDocument(ArchitectureSchema, { ...NUMBERS, ...odd });
  expect(parsed).toMatchObject({
    ok: false,
    issues: [{ path: [field], expected: expect.stringContaining(expected) as string }],
  });
});
