import type { Control } from '../recipe/control.ts';
import type { EvaluationSettings } from '../recipe/evaluation.ts';
import type { SettledEvaluation } from '../recipe/evaluation-recipe.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { InspectionRequest } from '../wire/inspection.ts';

type Files = InspectionRequest['dataset']['files'];

/** Where what a recipe names can be read on this machine. */
export interface ReadableHere {
  readonly model: InspectionRequest['model'];
  /** Null for a source that is no file: it is generated, or in a hub client's cache. */
  readonly dataset: Files;
  /** Of the benchmarks that can be read here, by name. */
  readonly benchmarks: ReadonlyMap<string, Files>;
}

/**
 * What to ask about a recipe's data. No sequence length is given, so that one answer serves all of them: what is too long
 * follows from the lengths.
 */
export function requestOf({ dataset, evaluation }: FineTune, here: ReadableHere): InspectionRequest {
  const { source, fields, template, systemPrompt, controlTokens, condition, thinking } = dataset;
  return {
    model: here.model,
    dataset: {
      source,
      files: here.dataset,
      fields,
      template,
      systemPrompt,
      controlTokens,
      ...(condition !== undefined && { condition }),
      ...(thinking !== undefined && { thinking }),
    },
    sequenceLength: null,
    overLength: 'refuse',
    benchmarks: benchmarksOf(evaluation?.benchmarks ?? [], here),
    controls: withText(evaluation?.controls ?? []),
  };
}

/** What to ask about the questions of an evaluation, which trains on nothing. */
export function questionsOf(
  { prompt, evaluation }: Pick<SettledEvaluation, 'prompt' | 'evaluation'>,
  here: Omit<ReadableHere, 'dataset'>,
): InspectionRequest {
  const { template, systemPrompt, controlTokens, thinking } = prompt;
  return {
    model: here.model,
    dataset: {
      source: null,
      files: null,
      fields: null,
      template,
      systemPrompt,
      controlTokens,
      ...(thinking !== undefined && { thinking }),
    },
    sequenceLength: null,
    overLength: 'refuse',
    benchmarks: benchmarksOf(evaluation.benchmarks, here),
    controls: withText(evaluation.controls),
  };
}

/** Those that put text into a sequence: with other budgets an answer stays what it is. */
const withText = (controls: readonly Control[]): Control[] =>
  controls.filter(({ kind }) => kind !== 'budget' && kind !== 'rejection');

const benchmarksOf = (
  benchmarks: EvaluationSettings['benchmarks'],
  here: Pick<ReadableHere, 'benchmarks'>,
): NonNullable<InspectionRequest['benchmarks']> =>
  benchmarks
    .filter(({ name }) => here.benchmarks.has(name))
    .map(({ name, source, fields, grader }) => ({
      name,
      source,
      files: here.benchmarks.get(name) ?? null,
      fields,
      grader,
    }));
