import { StintError } from '../../../errors/stint-error.ts';
import type { CliContext } from '../../context.ts';
import type { EvaluateOptions } from './run.ts';

export interface EvalOptions extends EvaluateOptions {
  readonly paper?: string;
}

/** `stint eval RECIPE`, or `stint eval --paper NAME`: the one asks a model, the other computes what a paper has published. */
export async function evaluate(
  recipe: string | undefined,
  { paper, ...options }: EvalOptions,
  context: CliContext,
): Promise<number> {
  if ((recipe === undefined) === (paper === undefined)) throw oneOfThem();
  if (paper !== undefined) return (await import('./paper.ts')).recompute({ paper, ...options }, context);
  return (await import('./run.ts')).evaluateRecipe(recipe ?? '', options, context);
}

const oneOfThem = () =>
  new StintError({
    code: 'wrong-usage',
    where: 'stint eval',
    what: 'it takes a recipe or a paper, one of the two',
    todo: '`stint eval RECIPE --cluster PROFILE`, or `stint eval --paper s1`',
  });
