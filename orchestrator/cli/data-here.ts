import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type FoundFile, findDataFiles } from '../documents/find-data-files.ts';
import { findHubSnapshot } from '../documents/find-hub-snapshot.ts';
import { StintError } from '../errors/stint-error.ts';
import { isRepository } from './model-here.ts';

/** Data that a command line names, on this machine. */
export type DataHere =
  | { readonly kind: 'file'; readonly files: readonly FoundFile[] }
  | {
      readonly kind: 'huggingface';
      readonly repository: string;
      readonly revision: string;
      readonly split: string;
      readonly config?: string;
    };

/** Which rows of a repository are meant; a file has only its own. */
export interface NamedSplit {
  readonly split?: string;
  readonly config?: string;
}

/**
 * Files, a folder of them or a pattern; else a repository that a hub client has fetched.
 *
 * @param folder - What `named` is relative to.
 * @throws StintError `no-such-data`, with what would be one.
 */
export async function dataHere(
  folder: string,
  named: string,
  where: string,
  { split, config }: NamedSplit = {},
): Promise<DataHere> {
  const there = await stat(resolve(folder, named)).catch(() => undefined);
  if (there === undefined && isRepository(named)) {
    const snapshot = await findHubSnapshot('datasets', named, 'main');
    if (snapshot !== null)
      return {
        kind: 'huggingface',
        repository: named,
        revision: snapshot.commit,
        split: split ?? 'train',
        ...(config === undefined ? {} : { config }),
      };
    throw noData(
      where,
      `there is no file ${resolve(folder, named)}, and no hub client has fetched the dataset ${named} to this machine`,
      `name a file, or fetch it with \`.venv/bin/hf download --repo-type dataset ${named}\``,
    );
  }
  if (split !== undefined || config !== undefined)
    throw new StintError({
      code: 'wrong-option',
      where: split === undefined ? '--config' : '--split',
      what: `${named} is a file or a folder, and only a hub's repository has splits and configurations`,
      todo: 'leave it out, and name the files that are meant',
    });
  const files = await findDataFiles(folder, named);
  if (files === null) throw noData(where, `there is no file ${resolve(folder, named)}`, 'fix the path');
  if ('code' in files) throw noData(where, files.what, files.todo);
  return { kind: 'file', files };
}

const noData = (where: string, what: string, todo: string): StintError =>
  new StintError({ code: 'no-such-data', where, what, todo });
