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
    benchmarks: (evaluation?.benchmarks ?? [])
      .filter(({ name }) => here.benchmarks.has(name))
      .map(({ name, source: of, fields: named, grader }) => ({
        name,
        source: of,
        files: here.benchmarks.get(name) ?? null,
        fields: named,
        grader,
      })),
  };
}
