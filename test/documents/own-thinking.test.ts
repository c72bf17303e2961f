import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ownThinking } from '../../orchestrator/documents/own-thinking.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-thinking-'));
});
afterAll(() => rm(folder, { recursive: true }));

const token = (content: string, more = {}) => ({ id: 1, content, lstrip: false, rstrip: false, ...more });
async function found(text: string) {
  await writeFile(join(folder, 'tokenizer.json'), text);
  return ownThinking(folder);
}
const among = (...added_tokens: readonly object[]) => found(JSON.stringify({ added_tokens, model: {} }));

it('is what a tokenizer has tokens for', async () => {
  const think = { start: '<think>\n', end: '</think>', answerStart: '</think>\n\n' };
  expect(await among(token('<|im_end|>'), token('<think>'), token('</think>'))).toMatchObject(think);
  expect(await among(token('</thought>'), token('<thought>'))).toMatchObject({
    start: '<thought>\n',
    end: '</thought>',
  });
});

it('is none where a tag has no token, or one that swallows the line break behind it', async () => {
  expect(await among(token('<|im_end|>'))).toBeUndefined();
  expect(await among(token('<think>'))).toBeUndefined();
  expect(await among(token('<think>', { rstrip: true }), token('</think>'))).toBeUndefined();
});

it('is none where there is no tokenizer.json that can be read, which is said by whoever reads it whole', async () => {
  for (const text of ['', 'not JSON', '[]', '{}', '{"added_tokens": [1]}'])
    expect(await found(text)).toBeUndefined();
  expect(await ownThinking(join(folder, 'absent'))).toBeUndefined();
});
