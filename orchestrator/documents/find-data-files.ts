import { glob, readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { inTextOrder } from './text-order.ts';

/** A file that a run reads. */
export interface FoundFile {
  /** As the person who wrote the recipe knows it: what stands there, or what a pattern or folder there stands for. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/** Why what a recipe names is no data; a recipe is not read further then. */
export interface NoDataFile {
  readonly code: 'data-file-missing' | 'data-format-unknown' | 'data-file-twice';
  readonly what: string;
  readonly todo: string;
}

const DATA_EXTENSIONS = ['.jsonl', '.jsonl.gz', '.json', '.json.gz', '.csv', '.parquet'] as const;
const FORMATS = `${DATA_EXTENSIONS.slice(0, -1).join(', ')} or ${DATA_EXTENSIONS.at(-1)}`;

/**
 * The files that a source's `path` stands for, in the order in which they are read: as they are listed, those of a
 * pattern or a folder by name. Null where an absolute path leads nowhere on this machine: a cluster's volume may hold it.
 */
export async function findDataFiles(
  folder: string,
  paths: string | readonly string[],
): Promise<readonly FoundFile[] | null | NoDataFile> {
  const found: FoundFile[] = [];
  for (const path of typeof paths === 'string' ? [paths] : paths) {
    const files = await filesOf(folder, path);
    if (files === null || 'code' in files) return files;
    found.push(...files);
  }
  const seen = new Set<string>();
  for (const { path, name } of found) {
    if (seen.has(path)) return twice(name);
    seen.add(path);
  }
  return found;
}

async function filesOf(folder: string, path: string): Promise<readonly FoundFile[] | null | NoDataFile> {
  const whole = resolve(folder, path);
  const there = await stat(whole).catch(() => undefined);
  if (there?.isDirectory()) return filesWithin(whole, path);
  // Of a pipe or a device no end may ever come.
  if (there && !there.isFile()) return missing(`${whole} is neither a file nor a folder`);
  if (there) return readable([{ name: path, path: whole }]);
  if (/[*?[{]/.test(path)) return matching(folder, path);
  if (isAbsolute(path)) return null;
  return missing(`there is no file ${whole}`);
}

async function filesWithin(whole: string, path: string): Promise<readonly FoundFile[] | NoDataFile> {
  const names = (await readdir(whole, { withFileTypes: true }))
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && isData(entry.name))
    .map((entry) => entry.name)
    .toSorted(inTextOrder);
  if (names.length === 0) return missing(`the folder ${whole} holds no file that ends in ${FORMATS}`);
  return names.map((name) => ({ name: join(path, name), path: join(whole, name) }));
}

async function matching(folder: string, pattern: string): Promise<readonly FoundFile[] | NoDataFile> {
  const names: string[] = [];
  for await (const name of glob(pattern, { cwd: folder })) names.push(name);
  const files: FoundFile[] = [];
  for (const name of names.toSorted(inTextOrder)) {
    const path = resolve(folder, name);
    if ((await stat(path).catch(() => undefined))?.isFile()) files.push({ name, path });
  }
  return files.length === 0 ? missing(`no file matches ${resolve(folder, pattern)}`) : readable(files);
}

const isData = (name: string): boolean =>
  DATA_EXTENSIONS.some((extension) => name.toLowerCase().endsWith(extension));

function readable(files: readonly FoundFile[]): readonly FoundFile[] | NoDataFile {
  const unknown = files.find(({ name }) => !isData(name));
  if (unknown === undefined) return files;
  return {
    code: 'data-format-unknown',
    what: `${unknown.name} ends in none of ${DATA_EXTENSIONS.join(', ')}, by which its format is told`,
    todo: `give it the ending of its format: ${FORMATS}`,
  };
}

const missing = (what: string): NoDataFile => ({
  code: 'data-file-missing',
  what,
  todo: 'put the data there or fix the path',
});

const twice = (name: string): NoDataFile => ({
  code: 'data-file-twice',
  what: `${name} is named twice, so each of its rows would count twice`,
  todo: 'name it once; to see its rows more often, raise training.epochs',
});
