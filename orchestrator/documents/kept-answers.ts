import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';

/** Answers that follow from content alone, kept by its digest; they may be lost at any time. */
export interface KeptAnswers<T> {
  readonly find: (digest: string) => Promise<T | undefined>;
  readonly keep: (digest: string, answer: T) => Promise<void>;
}

export function keptAnswers<S extends z.ZodType>(folder: string, schema: S): KeptAnswers<z.output<S>> {
  const fileOf = (digest: string) => join(folder, `${digest.replace('sha256:', '')}.json`);
  return {
    // What cannot be read, or was cut short, is asked for again.
    find: async (digest) => {
      try {
        return schema.safeParse(JSON.parse(await readFile(fileOf(digest), 'utf8'))).data;
      } catch {
        return undefined;
      }
    },
    // Where nothing can be written, it is asked for again the next time.
    keep: async (digest, answer) => {
      const beside = `${fileOf(digest)}.${process.pid}`;
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(beside, JSON.stringify(answer));
        await rename(beside, fileOf(digest));
      } catch {
        return;
      }
    },
  };
}
