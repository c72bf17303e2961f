import { hashMemory } from '../documents/cache-folder.ts';
import type { LoadedArm, LoadedRecipe } from '../documents/load-recipe.ts';
import { pinInputs } from '../documents/pin-inputs.ts';
import { StintError } from '../errors/stint-error.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { Source } from '../recipe/dataset.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';
import { formatBytes } from '../units/format.ts';
import type { CliContext } from './context.ts';

/**
 * A run of this machine finds nothing that this machine does not have.
 *
 * @throws StintError `input-not-here`, of what only a cluster's volume may hold.
 */
export function requireInputsHere(
  { arms, file }: { readonly file: string; readonly arms: readonly LoadedArm<RunRecipe>[] },
  { name, backend }: ClusterProfile,
): void {
  if (backend.kind !== 'local') return;
  for (const { recipe, inputs } of arms) {
    const missing = [
      ...(inputs.model?.kind === 'elsewhere'
        ? [{ path: inputs.model.folder, where: 'model.repository' }]
        : []),
      ...(recipe.kind === 'FineTune' ? missingFiles(recipe.dataset.source, inputs.dataset, 'dataset') : []),
      ...(recipe.evaluation?.benchmarks ?? []).flatMap(({ source }, index) =>
        missingFiles(source, inputs.benchmarks[index]?.files ?? null, `evaluation.benchmarks[${index}]`),
      ),
    ];
    if (missing.length > 0)
      throw new StintError(
        missing.map(({ path, where }) => ({
          code: 'input-not-here',
          where: `${file} ${where}`,
          what: `there is nothing at ${path}`,
          why: `runs on ${name} work on this machine`,
          todo: 'put it there, mend the path, or name the profile of the cluster that holds it',
        })),
      );
  }
}

const missingFiles = (source: Source, found: readonly unknown[] | null, where: string) =>
  source.kind === 'file' && found === null
    ? [{ path: [source.path].flat().join(', '), where: `${where}.source.path` }]
    : [];

/** Less takes no longer than a second. */
const WORTH_TELLING_BYTES = 1e9;

/** The recipe with what its arms read pinned by content. */
export const pinRecipe = async (
  loaded: LoadedRecipe,
  context: Pick<CliContext, 'home' | 'output'>,
): Promise<LoadedRecipe> => ({ ...loaded, arms: await pinArms(loaded.arms, context) });

/** What was hashed before and has not changed is not read again. */
export async function pinArms<Recipe extends RunRecipe>(
  arms: readonly LoadedArm<Recipe>[],
  { home, output }: Pick<CliContext, 'home' | 'output'>,
): Promise<readonly LoadedArm<Recipe>[]> {
  const memory = hashMemory(home);
  let told = false;
  const onHashed = (_: number, all: number) => {
    if (told || all < WORTH_TELLING_BYTES) return;
    told = true;
    output.tell(`Hashing ${formatBytes(all)} of model and data, once.`);
  };
  const pinned: LoadedArm<Recipe>[] = [];
  for (const arm of arms)
    pinned.push({ ...arm, pinned: await pinInputs(arm.recipe, arm.inputs, memory, onHashed) });
  return pinned;
}
