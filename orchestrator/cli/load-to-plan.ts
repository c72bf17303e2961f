import { type LoadedRecipe, loadRecipe } from '../documents/load-recipe.ts';
import { withoutEvaluation } from '../documents/without-evaluation.ts';
import type { CliContext } from './context.ts';
import { pinRecipe } from './pin-recipe.ts';
import { type EvaluatedOptions, requireQuestions } from './who-answers.ts';

export interface RecipeOptions {
  /** The run ends with its registered checkpoint. */
  readonly withoutEvaluation?: boolean;
}

/** The recipe, without its evaluation where that was asked for. @throws StintError for options that it has no use for. */
export async function loadWhole(
  file: string,
  options: RecipeOptions & EvaluatedOptions,
): Promise<LoadedRecipe> {
  const loaded = await loadRecipe(file);
  requireQuestions(loaded, options);
  return options.withoutEvaluation ? withoutEvaluation(loaded) : loaded;
}

/** The same with what it reads pinned by content. */
export const loadToPlan = async (
  file: string,
  options: RecipeOptions & EvaluatedOptions,
  context: Pick<CliContext, 'home' | 'output'>,
): Promise<LoadedRecipe> => pinRecipe(await loadWhole(file, options), context);
