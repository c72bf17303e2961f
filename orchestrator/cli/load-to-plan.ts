import { type LoadedRecipe, loadRecipe } from '../documents/load-recipe.ts';
import { withoutEvaluation } from '../documents/without-evaluation.ts';
import type { CliContext } from './context.ts';
import { pinRecipe } from './pin-recipe.ts';

export interface RecipeOptions {
  /** The run ends with its registered checkpoint. */
  readonly withoutEvaluation?: boolean;
}

/** The recipe, without its evaluation where that was asked for. */
export async function loadWhole(file: string, options: RecipeOptions): Promise<LoadedRecipe> {
  const loaded = await loadRecipe(file);
  return options.withoutEvaluation ? withoutEvaluation(loaded) : loaded;
}

/** The same with what it reads pinned by content. */
export const loadToPlan = async (
  file: string,
  options: RecipeOptions,
  context: Pick<CliContext, 'home' | 'output'>,
): Promise<LoadedRecipe> => pinRecipe(await loadWhole(file, options), context);
