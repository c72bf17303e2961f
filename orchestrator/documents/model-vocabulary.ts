import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const ConfigSchema = z.object({ vocab_size: z.int().positive() });

/** Rows of a model's embedding, as the config.json of its folder says. @throws Error where it does not say it. */
export const readVocabularySize = async (folder: string): Promise<number> =>
  ConfigSchema.parse(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))).vocab_size;
