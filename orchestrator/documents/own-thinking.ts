import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Thinking, ThinkingSchema } from '../recipe/thinking.ts';

/** Between which tokens models think that have some for it: QwQ, Qwen3 and R1, then others (trainer/rows/conversation.py). */
const TAGS = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['<reasoning>', '</reasoning>'],
] as const;

/** One that swallows the blanks around it could not be told from what is written there. */
const AddedToken = z.object({
  content: z.string(),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
});
const TokenizerSchema = z.object({ added_tokens: z.array(AddedToken) });

/**
 * The delimiters of a model whose tokenizer has tokens for thinking, as such models' chat templates write them; undefined for
 * none. What is wrong with the file is said where it is read whole.
 */
export async function ownThinking(modelFolder: string): Promise<Thinking | undefined> {
  const text = await readFile(join(modelFolder, 'tokenizer.json'), 'utf8').catch(() => '');
  const tokens = new Set(addedTokens(text));
  const tags = TAGS.find(([start, end]) => tokens.has(start) && tokens.has(end));
  if (tags === undefined) return undefined;
  const [start, end] = tags;
  return ThinkingSchema.parse({ start: `${start}\n`, end, answerStart: `${end}\n\n` });
}

function addedTokens(text: string): readonly string[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return [];
  }
  const parsed = TokenizerSchema.safeParse(content);
  return parsed.success
    ? parsed.data.added_tokens
        .filter(({ lstrip, rstrip }) => !lstrip && !rstrip)
        .map((token) => token.content)
    : [];
}
