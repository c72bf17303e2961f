import { z } from 'zod';
import type { Source } from '../recipe/dataset.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';

const PlannedInputSchema = z.object({
  /** As the recipe names it. */
  name: z.string(),
  /** Of its content: a file's bytes; of several, what `sha256sum` prints for them in their folder, sorted by name. */
  sha256: z.string().nullable(),
  /** Why there is no sha256, and what pins it instead. */
  why: z.string().nullable(),
});
export type PlannedInput = z.infer<typeof PlannedInputSchema>;

export const PlannedInputsSchema = z.object({
  /** Null for a model that starts from scratch. */
  model: PlannedInputSchema.nullable(),
  /** Null for what trains nothing. */
  dataset: PlannedInputSchema.nullable(),
  /** By the benchmarks' names. */
  benchmarks: z.array(PlannedInputSchema),
});
/** What a run reads, pinned by content as far as that is known. */
export type PlannedInputs = z.infer<typeof PlannedInputsSchema>;

/** As far as the recipe alone pins it. */
export function inputsOfRecipe(recipe: RunRecipe): PlannedInputs {
  const { model, evaluation } = recipe;
  return {
    model: model.kind === 'scratch' ? null : ofModel(model),
    dataset: recipe.kind === 'FineTune' ? ofDataset(recipe) : null,
    benchmarks: (evaluation?.benchmarks ?? []).map(({ name, source }) => ofSource(name, source)),
  };
}

const ofDataset = ({ dataset: { source } }: FineTune): PlannedInput => ofSource(sourceName(source), source);

function ofModel({ repository, revision }: Extract<FineTune['model'], { kind: 'pretrained' }>): PlannedInput {
  const why =
    revision === undefined
      ? 'it is not on this machine; prepare pins the folder that it finds'
      : `the commit ${revision} pins it; prepare hashes what it reads`;
  return { name: repository, sha256: null, why };
}

function ofSource(name: string, source: Source): PlannedInput {
  const whys = {
    file: () => 'it is not on this machine; prepare pins the files that it finds',
    generated: () => 'it is made by its generator, which the recipe’s settings and seed pin',
    huggingface: (revision: string) =>
      revision === 'unpinned'
        ? 'nothing pins it until prepare has read it'
        : `the commit ${revision} pins it; prepare hashes what it reads`,
  };
  if (source.kind === 'file')
    return { name, sha256: source.sha256 ?? null, why: source.sha256 ? null : whys.file() };
  return {
    name,
    sha256: null,
    why: source.kind === 'generated' ? whys.generated() : whys.huggingface(source.revision),
  };
}

function sourceName(source: Source): string {
  switch (source.kind) {
    case 'file':
      return [source.path].flat().join(', ');
    case 'generated':
      return source.generator;
    case 'huggingface':
      return source.repository;
  }
}

interface Digest {
  readonly sha256: string | null;
}

/** What prepare has read, as `prepared.json` tells it. */
interface ReadInputs {
  readonly model: Digest | null;
  /** Absent for what trains nothing. */
  readonly dataset?: Digest;
  readonly benchmarks: readonly (Digest & { readonly name: string })[];
}

/** What prepare has really read counts, wherever it says it. */
export function asRead(planned: PlannedInputs, read: ReadInputs | undefined): PlannedInputs {
  const said = (before: PlannedInput, sha256: string | null | undefined): PlannedInput =>
    sha256 ? { ...before, sha256, why: null } : before;
  return {
    model: planned.model && said(planned.model, read?.model?.sha256),
    dataset: planned.dataset && said(planned.dataset, read?.dataset?.sha256),
    benchmarks: planned.benchmarks.map((each) =>
      said(each, read?.benchmarks.find(({ name }) => name === each.name)?.sha256),
    ),
  };
}
