import { join } from 'node:path';
import type { LoadedArm, LoadedRecipe } from '../documents/load-recipe.ts';
import { pinInputs } from '../documents/pin-inputs.ts';
import { formatBytes } from '../units/format.ts';
import type { CliContext } from './context.ts';

/** Less takes no longer than a second. */
const WORTH_TELLING_BYTES = 1e9;

/** The recipe with what its arms read pinned by content; what was hashed before and has not changed is not read again. */
export async function pinRecipe(
  loaded: LoadedRecipe,
  { home, output }: Pick<CliContext, 'home' | 'output'>,
): Promise<LoadedRecipe> {
  const memory = join(home, 'cache', 'hashes.json');
  let told = false;
  const onHashed = (_: number, all: number) => {
    if (told || all < WORTH_TELLING_BYTES) return;
    told = true;
    output.tell(`Hashing ${formatBytes(all)} of model and data, once.`);
  };
  const arms: LoadedArm[] = [];
  for (const arm of loaded.arms)
    arms.push({ ...arm, pinned: await pinInputs(arm.recipe, arm.inputs, memory, onHashed) });
  return { ...loaded, arms };
}
