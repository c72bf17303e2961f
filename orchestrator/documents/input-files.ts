import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { sha256 } from './digest.ts';
import type { FoundFile } from './find-data-files.ts';
import { inTextOrder } from './text-order.ts';

export interface HashedFile extends FoundFile {
  /** Of its bytes: `sha256:` and 64 hex digits. */
  readonly sha256: string;
}

/**
 * Content address of files. Of one, that of its bytes; of several, that of what `sha256sum` prints for them in the folder
 * that they share, sorted by name.
 */
export function contentDigest(files: readonly Pick<HashedFile, 'name' | 'sha256'>[]): string {
  const [first] = files;
  if (first === undefined) throw new Error('no file has no content');
  if (files.length === 1) return first.sha256;
  const shared = sharedFolder(files.map(({ name }) => name));
  const lines = files
    .map((file) => ({ hex: file.sha256.slice('sha256:'.length), name: file.name.slice(shared.length) }))
    .toSorted((a, b) => inTextOrder(a.name, b.name))
    .map(({ hex, name }) => `${hex}  ${name}\n`);
  return sha256(lines.join(''));
}

/** With its last `/`; empty where they share none. */
function sharedFolder(names: readonly string[]): string {
  const folders = names.map((name) => name.split('/').slice(0, -1));
  const [first = [], ...others] = folders;
  const differs = first.findIndex((part, depth) => others.some((other) => other[depth] !== part));
  const shared = differs < 0 ? first : first.slice(0, differs);
  const depth = Math.min(shared.length, ...others.map((other) => other.length));
  return shared
    .slice(0, depth)
    .map((part) => `${part}/`)
    .join('');
}

/** What was said of a file that has not changed since by size, times and inode. */
const RememberedSchema = z.record(
  z.string(),
  z.object({ size: z.number(), mtime: z.number(), ctime: z.number(), inode: z.number(), sha256: z.string() }),
);
type Remembered = z.infer<typeof RememberedSchema>;

/** Bytes hashed until now, and all of them. */
export type OnHashed = (done: number, all: number) => void;

/**
 * The sha256 of each file. Those that have not changed since they were hashed last are not read again: `memory` is a file
 * that remembers, and may be lost; null remembers nothing.
 */
export async function hashFiles(
  files: readonly FoundFile[],
  memory: string | null,
  onHashed: OnHashed = () => undefined,
): Promise<readonly HashedFile[]> {
  const remembered = memory === null ? {} : await recall(memory);
  const stats = await Promise.all(files.map(({ path }) => stat(path)));
  const all = stats.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const fresh: Remembered = {};
  const hashed: HashedFile[] = [];
  for (const [index, file] of files.entries()) {
    const now = identityOf(stats[index]);
    const known = remembered[file.path];
    const isSame = known !== undefined && isUnchanged(known, now);
    const before = done;
    const digest = isSame
      ? known.sha256
      : await hashFile(file.path, (bytes) => onHashed(before + bytes, all));
    done += now.size;
    if (!isSame) fresh[file.path] = { ...now, sha256: digest };
    hashed.push({ ...file, sha256: digest });
  }
  if (memory !== null && Object.keys(fresh).length > 0)
    await remember(memory, { ...(await recall(memory)), ...fresh });
  return hashed;
}

type Identity = ReturnType<typeof identityOf>;

const identityOf = (stats: Stats | undefined) => ({
  size: stats?.size ?? 0,
  mtime: stats?.mtimeMs ?? 0,
  ctime: stats?.ctimeMs ?? 0,
  inode: stats?.ino ?? 0,
});

const isUnchanged = (known: Identity, now: Identity): boolean =>
  known.size === now.size &&
  known.mtime === now.mtime &&
  known.ctime === now.ctime &&
  known.inode === now.inode;

async function hashFile(path: string, onBytes: (bytes: number) => void): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    createReadStream(path, { highWaterMark: 4 << 20 }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        onBytes(bytes);
      }
    },
  );
  return `sha256:${hash.digest('hex')}`;
}

async function recall(memory: string): Promise<Remembered> {
  try {
    return RememberedSchema.parse(JSON.parse(await readFile(memory, 'utf8')));
  } catch {
    return {};
  }
}

/** Where that cannot be written, files are hashed again the next time. */
async function remember(memory: string, all: Remembered): Promise<void> {
  const beside = join(dirname(memory), `.hashes-${process.pid}`);
  try {
    await mkdir(dirname(memory), { recursive: true });
    await writeFile(beside, JSON.stringify(all));
    await rename(beside, memory);
  } catch {
    return;
  }
}
