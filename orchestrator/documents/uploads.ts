import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StintError } from '../errors/stint-error.ts';
import { digestOf } from './digest.ts';
import type { FoundFile } from './find-data-files.ts';
import type { HashedFile } from './input-files.ts';

const DAY_MILLISECONDS = 86_400_000;
/** What nobody has asked for is kept for so long: the next launch often reads the same. */
const KEPT_DAYS = 7;
const PARTIAL = '.partial';

/** Contents that were sent to a server, by their sha256, each once whoever sent it. */
export interface Uploads {
  /** Those that are not here. What is here is kept from now on for as long as something new. */
  readonly missing: (contents: readonly string[]) => Promise<readonly string[]>;
  /** @throws StintError `upload-differs` where what came is something else; nothing is kept then. */
  readonly keep: (content: string, bytes: Readable) => Promise<void>;
  /** Where its bytes are. It may not be there. */
  readonly pathOf: (content: string) => string;
  /** A folder that holds these files under their names. Whoever names the same gets the same. */
  readonly folderOf: (
    files: readonly Pick<HashedFile, 'name' | 'sha256'>[],
  ) => Promise<{ readonly folder: string; readonly files: readonly FoundFile[] }>;
  /** Lets go of what nobody has asked for in a week. What a folder holds stays. */
  readonly release: (now: number) => Promise<void>;
}

export function uploadsIn(folder: string): Uploads {
  const pathOf = (content: string) => join(folder, content.slice('sha256:'.length));

  async function isHere(content: string): Promise<boolean> {
    const found = await stat(pathOf(content)).catch(() => null);
    if (found === null) return false;
    const now = new Date();
    // Its times tell who remembers digests that it is unchanged, so they are not set at each question.
    if (now.getTime() - found.mtimeMs > DAY_MILLISECONDS)
      await utimes(pathOf(content), now, now).catch(() => undefined);
    return true;
  }

  return {
    pathOf,

    async missing(contents) {
      const here = await Promise.all(contents.map(isHere));
      return [...new Set(contents.filter((_, index) => !here[index]))];
    },

    async keep(content, bytes) {
      // It may break before anything reads it.
      bytes.once('error', () => undefined);
      await mkdir(folder, { recursive: true });
      const partial = join(folder, `${randomUUID()}${PARTIAL}`);
      try {
        const hash = createHash('sha256');
        async function* hashed(chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        }
        await pipeline(bytes, hashed, createWriteStream(partial, { flush: true }));
        const found = `sha256:${hash.digest('hex')}`;
        if (found !== content) throw differs(content, found);
        await rename(partial, pathOf(content));
      } finally {
        await rm(partial, { force: true });
      }
    },

    async folderOf(files) {
      const named = files.map(({ name, sha256 }) => ({ name, sha256 }));
      const whole = join(folder, 'models', digestOf(named).slice('sha256:'.length));
      const found = files.map(({ name }) => ({ name, path: join(whole, name) }));
      if ((await stat(whole).catch(() => null)) !== null) return { folder: whole, files: found };
      const partial = `${whole}.${randomUUID()}${PARTIAL}`;
      await mkdir(partial, { recursive: true });
      try {
        for (const { name, sha256 } of files) await link(pathOf(sha256), join(partial, name));
        await rename(partial, whole);
      } catch (error) {
        // Another launch of the same may have been quicker.
        if ((await stat(whole).catch(() => null)) === null) throw error;
      } finally {
        await rm(partial, { recursive: true, force: true });
      }
      return { folder: whole, files: found };
    },

    async release(now) {
      for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
        const path = join(folder, entry.name);
        const found = entry.isFile() ? await stat(path).catch(() => null) : null;
        if (found !== null && now - found.mtimeMs > KEPT_DAYS * DAY_MILLISECONDS)
          await rm(path, { force: true });
      }
    },
  };
}

const differs = (wanted: string, found: string): StintError =>
  new StintError({
    code: 'upload-differs',
    where: wanted,
    what: `what was sent is ${found}`,
    why: 'a content is kept under its own digest',
    todo: 'send it again when nothing writes to the file any more; nothing was kept',
  });
