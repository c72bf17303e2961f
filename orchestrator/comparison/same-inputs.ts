import { inputsOfRecipe, type PlannedInput } from '../plan/planned-inputs.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import type { Source } from '../recipe/dataset.ts';
import type { ArmInput } from './arm-input.ts';

/** Whether two arms have read the same bytes, whatever their recipes call them. */
export interface SameInputs {
  /** Their names. */
  readonly arms: readonly [string, string];
  readonly model: boolean;
  /** Null where one of them, or each, has trained on nothing. */
  readonly dataset: boolean | null;
  readonly benchmarks: boolean;
}

type Side = Pick<ArmInput, 'recipe' | 'plan'>;

/** Of each pair of arms, in their order. What is pinned neither by its content nor by its recipe is never the same. */
export function sameInputs(names: readonly string[], sides: readonly Side[]): readonly SameInputs[] {
  return sides.flatMap((a, index) =>
    sides.slice(index + 1).map((b, offset) => ({
      arms: [names[index] ?? '', names[index + 1 + offset] ?? ''] as const,
      model: isSame(modelOf(a), modelOf(b)),
      dataset: bothTrained(a, b) ? areSame(datasetOf(a), datasetOf(b)) : null,
      benchmarks: areSame(benchmarksOf(a), benchmarksOf(b)),
    })),
  );
}

interface Read {
  readonly sha256: string | null;
  /** What stands in the recipe, where that alone pins the content; else null. */
  readonly reference: string | null;
}

function isSame(a: Read, b: Read): boolean {
  if (a.sha256 !== null && b.sha256 !== null) return a.sha256 === b.sha256;
  return a.reference !== null && a.reference === b.reference;
}

const areSame = (a: readonly Read[], b: readonly Read[]): boolean =>
  a.length === b.length &&
  a.every((one, index) => {
    const other = b[index];
    return other !== undefined && isSame(one, other);
  });

const inputsOf = ({ recipe, plan }: Side) => plan.inputs ?? inputsOfRecipe(recipe);

function modelOf(side: Side): Read {
  const { model } = side.recipe;
  const sha256 = inputsOf(side).model?.sha256 ?? null;
  if (model.kind === 'scratch') return { sha256: null, reference: canonicalJson(model) };
  const { repository, revision } = model;
  return { sha256, reference: revision === undefined ? null : canonicalJson({ repository, revision }) };
}

const bothTrained = (...sides: readonly Side[]): boolean =>
  sides.every(({ recipe }) => recipe.kind === 'FineTune');

/** None of what trains nothing. */
const datasetOf = (side: Side): readonly Read[] =>
  side.recipe.kind === 'FineTune'
    ? [readOf(side.recipe.dataset.source, inputsOf(side).dataset ?? undefined)]
    : [];

const benchmarksOf = (side: Side): readonly Read[] =>
  (side.recipe.evaluation?.benchmarks ?? []).map(({ source }, index) =>
    readOf(source, inputsOf(side).benchmarks[index]),
  );

function readOf(source: Source, input: PlannedInput | undefined): Read {
  const isPinned =
    source.kind === 'generated' || (source.kind === 'huggingface' && source.revision !== 'unpinned');
  return { sha256: input?.sha256 ?? null, reference: isPinned ? canonicalJson(source) : null };
}
