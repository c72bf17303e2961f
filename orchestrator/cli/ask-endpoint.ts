import { StintError } from '../errors/stint-error.ts';
import { type Evaluation, EvaluationSchema } from '../recipe/evaluation-recipe.ts';

/**
 * The recipe as if it named this server: its questions go there, and no device is held. Questions are put in tokens, so the recipe's
 * model says by which tokenizer; where the recipe's own engine is an endpoint, its model's name there stays.
 *
 * @throws StintError `wrong-option` for what is no address, `nothing-to-evaluate` without a model.
 */
export function askEndpoint(file: string, recipe: Evaluation, url: string): Evaluation {
  const { checkpoint: _, ...asked } = recipe;
  const named = asked.evaluation.engine?.kind === 'endpoint' ? asked.evaluation.engine.model : undefined;
  const engine = { kind: 'endpoint', url, ...(named !== undefined && { model: named }) };
  const changed = EvaluationSchema.safeParse({ ...asked, evaluation: { ...asked.evaluation, engine } });
  if (!changed.success)
    throw new StintError({
      code: 'wrong-option',
      where: '--endpoint',
      what: 'what it names is no address of a server',
      why: URL.canParse(url)
        ? (changed.error.issues[0]?.message ?? '')
        : "a server of OpenAI's completions protocol is named by its address, up to the protocol's version",
      todo: 'name it like http://inference.example/v1',
    });
  if (changed.data.model === undefined)
    throw new StintError({
      code: 'nothing-to-evaluate',
      where: `${file} model`,
      what: 'it is not said which model answers at the endpoint',
      why: 'questions are put in tokens and thoughts are counted in tokens, so its tokenizer and its positions have to be known',
      todo: 'put `model` into the recipe, the one that is served there',
    });
  return changed.data;
}
