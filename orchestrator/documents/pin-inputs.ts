import { StintError } from '../errors/stint-error.ts';
import { inputsOfRecipe, type PlannedInput, type PlannedInputs } from '../plan/planned-inputs.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';
import type { FoundFile } from './find-data-files.ts';
import type { FoundInputs } from './find-inputs.ts';
import { contentDigest, hashFiles, type OnHashed } from './input-files.ts';

/**
 * What a recipe reads, by content as far as it lies on this machine.
 *
 * @param memory - A file that remembers what was hashed before.
 * @throws StintError `data-differs` where a file's content is not that which the recipe names.
 */
export async function pinInputs(
  recipe: RunRecipe,
  found: FoundInputs,
  memory: string,
  onHashed?: OnHashed,
): Promise<PlannedInputs> {
  const named = inputsOfRecipe(recipe);
  const pin = async (input: PlannedInput, files: readonly FoundFile[] | null): Promise<PlannedInput> => {
    if (files === null || files.length === 0) return input;
    const sha256 = contentDigest(await readable(input.name, () => hashFiles(files, memory, onHashed)));
    if (input.sha256 !== null && input.sha256 !== sha256) throw differs(input.name, input.sha256, sha256);
    return { ...input, sha256, why: null };
  };
  const modelFiles = found.model?.kind === 'folder' ? found.model.files : null;
  const model = named.model && (await pin(named.model, modelFiles));
  const dataset = named.dataset && (await pin(named.dataset, found.dataset));
  const benchmarks: PlannedInput[] = [];
  for (const [index, benchmark] of named.benchmarks.entries())
    benchmarks.push(await pin(benchmark, found.benchmarks[index]?.files ?? null));
  return { model, dataset, benchmarks };
}

/** A link into a cache may lead nowhere, and a file be another person's. */
async function readable<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new StintError(
      {
        code: 'input-unreadable',
        where: name,
        what: `${path ?? name} cannot be read (${code})`,
        why: 'what a run reads is pinned by its content before anything starts',
        todo: 'put the whole file there (a download may have left a link that leads nowhere), or fix its permissions',
      },
      { cause: error },
    );
  }
}

const differs = (name: string, wanted: string, found: string) =>
  new StintError({
    code: 'data-differs',
    where: name,
    what: `${name} is not what the recipe names: its content is ${found}`,
    why: `the recipe says ${wanted}`,
    todo: 'bring back the data that the recipe means, or put the digest of this one into the recipe',
  });
