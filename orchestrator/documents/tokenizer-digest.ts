import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from './digest.ts';

/** Content address of a model's tokenizer, as the reader of data gives it; null where the folder has none. */
export async function tokenizerDigest(modelFolder: string): Promise<string | null> {
  const content = await readFile(join(modelFolder, 'tokenizer.json')).catch(() => null);
  return content && sha256(content);
}
