import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { StintError } from '../errors/stint-error.ts';

/** Where nothing else was named, a home's runs, ledger and checkpoints are in this file. */
export const STORE_FILE = 'stint.db';

/**
 * @param file - What has to be there; the folder itself, where nothing is named.
 * @throws StintError `no-home`: a command that only looks makes no folder.
 */
export async function requireHome(home: string, file = ''): Promise<void> {
  await access(join(home, file)).catch((cause: unknown) => {
    throw new StintError(
      {
        code: 'no-home',
        where: home,
        what: 'there are no runs here yet: this folder does not exist',
        why: 'runs are kept in the nearest .stint folder from here upwards, or where --home or STINT_HOME says',
        todo: 'change to the folder that you launched from, name it with --home, or launch a recipe',
      },
      { cause },
    );
  });
}

const HOME_NAME = '.stint';

/**
 * Where runs, ledger and checkpoints are kept: what was named, else the nearest `.stint` folder from here upwards, as
 * git finds its repository, else `.stint` in this folder.
 */
export function findHome(named: string | undefined, from: string): string {
  if (named) return resolve(from, named);
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const home = join(folder, HOME_NAME);
    if (existsSync(home)) return home;
    if (dirname(folder) === folder) return join(resolve(from), HOME_NAME);
  }
}
