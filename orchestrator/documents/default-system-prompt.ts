import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What chat templates put in where a conversation has no system turn of its own: Qwen2.5's and SmolLM2's. Qwen3's puts in nothing. */
const KNOWN = [
  'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.',
  'You are a helpful AI assistant named SmolLM, trained by Hugging Face',
];

/** The system prompt that a model's own chat template puts in, as far as it is a known one; null for none. */
export async function defaultSystemPrompt(modelFolder: string): Promise<string | null> {
  const files = ['chat_template.jinja', 'tokenizer_config.json'];
  const texts = await Promise.all(
    files.map(async (name) => readFile(join(modelFolder, name), 'utf8').catch(() => '')),
  );
  return KNOWN.find((prompt) => texts.some((text) => text.includes(prompt))) ?? null;
}
