import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

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
