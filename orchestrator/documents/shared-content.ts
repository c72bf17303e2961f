import { randomUUID } from 'node:crypto';
import {
  chmod,
  constants,
  copyFile,
  link,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  utimes,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { StintError } from '../errors/stint-error.ts';
import type { FoundFile } from './find-data-files.ts';
import { hashFiles } from './input-files.ts';

/** A file to be read by stages, with the digest of the content that was planned. */
export interface PinnedFile extends FoundFile {
  readonly sha256: string;
}

/**
 * When a kept file was last written, as all of them say: whoever writes into one sets another time, and a link does not.
 * That it was used shows in its ctime, which every new or lost link sets.
 */
const SEALED = new Date(0);
/** What no run's folder holds any more is kept for as long after, because the next launch often reads the same. */
const KEPT_MILLISECONDS = 7 * 86_400_000;
/** Nothing copies for as long: whoever began it is gone. */
const ABANDONED_MILLISECONDS = 86_400_000;
const PARTIAL = '.partial';
/** Another launch may let go of a file between our look and our link. */
const TRIES = 3;
/** A volume that has no links, or no more of them for this file. */
const WITHOUT_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/**
 * Puts a file's content at `to`. On a volume it lies once, in `folder` under its sha256, however many runs read it: each
 * has a link to it, or a copy where the volume has no links. A copy gets its name when it is whole and its bytes are those
 * that were planned, so that another launch at the same time, or one that was killed, leaves nothing half-done there.
 *
 * @throws StintError `input-changed`.
 */
export async function placeContent(folder: string, file: PinnedFile, to: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    const kept = await keepContent(folder, file);
    try {
      await link(kept, to);
      return;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (WITHOUT_LINKS.has(code)) {
        await copyKept(kept, to);
        return;
      }
      if (code !== 'ENOENT' || tries === TRIES) throw error;
    }
  }
}

/** Lets go of what no run's folder has held for a week, and of what a process that is gone has left half-done. */
export async function releaseContent(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) continue;
    const isOver = name.endsWith(PARTIAL)
      ? now - found.mtimeMs > ABANDONED_MILLISECONDS
      : found.nlink === 1 && now - found.ctimeMs > KEPT_MILLISECONDS;
    if (isOver) await rm(path, { force: true });
  }
}

async function keepContent(folder: string, file: PinnedFile): Promise<string> {
  const hex = file.sha256.slice('sha256:'.length);
  const kept = join(folder, hex);
  if (await isWhole(kept, file)) return kept;
  await mkdir(folder, { recursive: true });
  const partial = join(folder, `${hex}.${hostname()}-${randomUUID()}${PARTIAL}`);
  try {
    await copyFile(file.path, partial, constants.COPYFILE_FICLONE);
    const [copied] = await hashFiles([{ ...file, path: partial }], null);
    if (copied?.sha256 !== file.sha256) throw changed(file, copied?.sha256);
    // Pods read it under another user's id.
    await chmod(partial, 0o644);
    await utimes(partial, new Date(), SEALED);
    await synced(partial);
    // Whoever was quicker has the same content; a second inode of it would take the room once more.
    if (!(await isWhole(kept, file))) await rename(partial, kept);
  } finally {
    await rm(partial, { force: true });
  }
  return kept;
}

async function isWhole(kept: string, { path }: PinnedFile): Promise<boolean> {
  const found = await stat(kept).catch(() => undefined);
  return found?.mtimeMs === SEALED.getTime() && found.size === (await stat(path)).size;
}

async function synced(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function copyKept(kept: string, to: string): Promise<void> {
  await copyFile(kept, to, constants.COPYFILE_FICLONE);
  await chmod(to, 0o644);
  // Without a link nothing shows that it was used.
  await utimes(kept, new Date(), SEALED);
}

const changed = ({ name, path, sha256 }: PinnedFile, found: string | undefined): StintError =>
  new StintError({
    code: 'input-changed',
    where: path,
    what: `${name} has changed since it was planned: its sha256 is ${found}`,
    why: `the plan rests on ${sha256}`,
    todo: 'launch again when nothing writes to it any more; nothing was started',
  });
