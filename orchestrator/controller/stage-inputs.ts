import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dataPath } from '../documents/load-recipe.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { RunRecord } from '../store/port.ts';
import type { Workplace } from './workplace.ts';

/** Copies the data files that a recipe names into each run's work folder, where its stages look for them. */
export async function stageInputs(
  workplace: Pick<Workplace, 'workFolder'>,
  recipeFile: string,
  records: readonly RunRecord[],
): Promise<void> {
  for (const record of records) {
    const work = workplace.workFolder(record);
    for (const [path, staged] of stagedPaths(record.recipe)) {
      if (record.profile.backend.kind === 'kubernetes') await makeShared(work);
      await mkdir(join(work, INPUTS), { recursive: true });
      await copyFile(dataPath(recipeFile, path), join(work, staged));
    }
  }
}

/** Pods write beside what this process puts there, under another user's id. */
async function makeShared(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o777);
}

const INPUTS = 'inputs';
type Source = FineTune['dataset']['source'];

/** The recipe as its stages read it: data files by their places in the work folder. */
export function asStaged(recipe: FineTune): FineTune {
  const { evaluation, dataset } = recipe;
  return {
    ...recipe,
    dataset: { ...dataset, source: moved(dataset.source, DATASET) },
    ...(evaluation && {
      evaluation: {
        ...evaluation,
        benchmarks: evaluation.benchmarks.map((benchmark) => ({
          ...benchmark,
          source: moved(benchmark.source, benchmarkFile(benchmark.name)),
        })),
      },
    }),
  };
}

const DATASET = `${INPUTS}/dataset.jsonl`;
const benchmarkFile = (name: string) => `${INPUTS}/benchmark-${name}.jsonl`;
const moved = (source: Source, path: string): Source =>
  source.kind === 'file' ? { ...source, path } : source;

/** From each data file's path in the recipe to its path in the work folder. */
function stagedPaths({ dataset, evaluation }: FineTune): readonly (readonly [string, string])[] {
  const all = [
    [dataset.source, DATASET] as const,
    ...(evaluation?.benchmarks ?? []).map(({ name, source }) => [source, benchmarkFile(name)] as const),
  ];
  return all.flatMap(([source, staged]) => (source.kind === 'file' ? [[source.path, staged] as const] : []));
}
