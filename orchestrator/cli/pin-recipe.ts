import { hashMemory } from '../documents/cache-folder.ts';
import type { LoadedArm, LoadedRecipe } from '../documents/load-recipe.ts';
import { pinInputs } from '../documents/pin-inputs.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';
import { formatBytes } from '../units/format.ts';
import type { CliContext } from './context.ts';

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
