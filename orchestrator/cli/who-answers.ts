import type { LoadedRecipe } from '../documents/load-recipe.ts';
import { StintError } from '../errors/stint-error.ts';
import type { AskedEvaluation } from '../operations/settle-evaluation.ts';
import { askEndpoint } from './ask-endpoint.ts';

export interface EvaluatedOptions {
  /** Id or digest; in the place of what the recipe names. */
  readonly checkpoint?: string;
  /** A server that answers, in the place of both. */
  readonly endpoint?: string;
}

/** The recipe with whom the command line names; undefined where it is no evaluation. @throws StintError as `askEndpoint`. */
export function askedHere(
  { file, recipe, asked }: LoadedRecipe,
  { checkpoint, endpoint }: EvaluatedOptions,
): AskedEvaluation | undefined {
  if (recipe.kind !== 'Evaluation') return undefined;
  if (checkpoint !== undefined && endpoint !== undefined) throw oneAnswers();
  const named = endpoint === undefined ? recipe : askEndpoint(file, recipe, endpoint);
  const found = asked === undefined ? {} : { asked };
  return { file, recipe: checkpoint === undefined ? named : { ...named, checkpoint }, ...found };
}

/** Who answers can be named where something is asked. @throws StintError `wrong-option`. */
export function requireQuestions(
  { recipe: { kind } }: Pick<LoadedRecipe, 'recipe'>,
  { checkpoint, endpoint }: EvaluatedOptions,
): void {
  if (kind === 'Evaluation' || (checkpoint === undefined && endpoint === undefined)) return;
  const option = checkpoint === undefined ? '--endpoint' : '--checkpoint';
  throw new StintError({
    code: 'wrong-option',
    where: option,
    what: `${option} names who answers an evaluation, and this is a recipe of kind ${kind}`,
    todo: `leave ${option} out, or name a recipe of kind Evaluation`,
  });
}

const oneAnswers = () =>
  new StintError({
    code: 'wrong-option',
    where: '--endpoint',
    what: 'a checkpoint and an endpoint are named, and one of them can answer',
    todo: 'leave one of --checkpoint and --endpoint out',
  });
