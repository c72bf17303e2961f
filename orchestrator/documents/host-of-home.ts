import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { StintError } from '../errors/stint-error.ts';

/**
 * Names this machine together with a home folder on it, as a person and a machine tell it from others:
 * `gpu-7:/home/ann/.stint#5f0c21aa`. Made once and kept in the home, so that neither two machines of one name nor a home
 * that several machines mount are taken for one place.
 *
 * @throws StintError `home-not-writable`.
 */
export async function hostOfHome(home: string): Promise<string> {
  const folder = join(home, 'hosts');
  const file = join(folder, hostname());
  try {
    return (await read(file)) ?? (await make(home, folder, file));
  } catch (cause) {
    throw new StintError(
      {
        code: 'home-not-writable',
        where: folder,
        what: 'the home folder cannot be made or written',
        why: cause instanceof Error ? cause.message : String(cause),
        todo: 'make it writable for this user, or name another folder with --home',
      },
      { cause },
    );
  }
}

async function make(home: string, folder: string, file: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const mark = randomBytes(4).toString('hex');
  const draft = `${file}.${mark}`;
  await writeFile(draft, `${hostname()}:${home}#${mark}`);
  // Of several processes that make it at once, the first one's name is everybody's.
  await link(draft, file).catch(unless('EEXIST'));
  await rm(draft);
  return readFile(file, 'utf8');
}

const read = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(unless('ENOENT'));

const unless = (code: string) => (error: NodeJS.ErrnoException) => {
  if (error.code !== code) throw error;
  return undefined;
};
