import { chmod, copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataPath } from '../documents/load-recipe.ts';
import type { Source } from '../recipe/dataset.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { RunRecord } from '../store/port.ts';
import { type InputFile, type Inputs, InputsSchema, NO_INPUTS } from '../wire/inputs.ts';
import type { Workplace } from './workplace.ts';

/** Copies the data files that a recipe names into each run's work folder, where its stages look for them. */
export async function stageInputs(
  workplace: Pick<Workplace, 'workFolder'>,
  recipeFile: string,
  records: readonly RunRecord[],
): Promise<void> {
  for (const record of records) {
    const work = workplace.workFolder(record);
    const inputs = inputsOf(record.recipe);
    const files = [...inputs.dataset, ...inputs.benchmarks.flatMap((benchmark) => benchmark.files)];
    if (files.length === 0) continue;
    if (record.profile.backend.kind === 'kubernetes') await makeShared(work);
    await mkdir(join(work, FOLDER), { recursive: true });
    for (const { name, path } of files) await copyFile(dataPath(recipeFile, name), join(work, path));
    const list = join(work, LIST);
    await writeFile(`${list}.partial`, `${JSON.stringify(inputs, null, 2)}\n`);
    await rename(`${list}.partial`, list);
  }
}

/** What was staged for a run; nothing where its recipe names no file. */
export async function stagedInputs(work: string): Promise<Inputs> {
  try {
    return InputsSchema.parse(JSON.parse(await readFile(join(work, LIST), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return NO_INPUTS;
  }
}

/** Pods write beside what this process puts there, under another user's id. */
async function makeShared(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o777);
}

const FOLDER = 'inputs';
const LIST = `${FOLDER}/inputs.json`;

/** From each data file's path in the recipe to its path in the work folder. */
export function inputsOf({ dataset, evaluation }: FineTune): Inputs {
  const benchmarks = (evaluation?.benchmarks ?? []).map(({ name, source }) => ({
    benchmark: name,
    files: filesOf(source, `${FOLDER}/benchmark-${name}.jsonl`),
  }));
  return {
    model: null,
    dataset: filesOf(dataset.source, `${FOLDER}/dataset.jsonl`),
    benchmarks: benchmarks.filter(({ files }) => files.length > 0),
  };
}

const filesOf = (source: Source, path: string): InputFile[] =>
  source.kind === 'file'
    ? [source.path].flat().map((name) => ({ name, path, sha256: source.sha256 ?? null }))
    : [];
