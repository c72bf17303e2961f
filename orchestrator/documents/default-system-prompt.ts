import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What Qwen2.5's chat template puts in where a conversation has no system turn of its own. */
const QWEN = 'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.';

/** The system prompt that a model's own chat template puts in, as far as it is a known one; null for none. */
export async function defaultSystemPrompt(modelFolder: string): Promise<string | null> {
  const files = ['chat_template.jinja', 'tokenizer_config.json'];
  const texts = await Promise.all(
    files.map(async (name) => readFile(join(modelFolder, name), 'utf8').catch(() => '')),
  );
  return texts.some((text) => text.includes(QWEN)) ? QWEN : null;
}
