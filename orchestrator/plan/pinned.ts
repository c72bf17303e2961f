import type { RunRecipe } from '../recipe/run-recipe.ts';
import type { Verdict } from './plan.ts';
import type { PlannedInput, PlannedInputs } from './planned-inputs.ts';

/** What may change under a run makes two runs of one recipe differ without a trace in its digest. */
export function pinned(recipe: RunRecipe, { model, dataset, benchmarks }: PlannedInputs): Verdict {
  const sources = [
    ...(recipe.kind === 'FineTune'
      ? [{ path: 'dataset.source', source: recipe.dataset.source, input: dataset ?? undefined }]
      : []),
    ...(recipe.evaluation?.benchmarks ?? []).map(({ source }, index) => ({
      path: `evaluation.benchmarks[${index}].source`,
      source,
      input: benchmarks[index],
    })),
  ];
  const loose = sources
    .filter(
      ({ source, input }) =>
        source.kind === 'huggingface' && source.revision === 'unpinned' && !input?.sha256,
    )
    .map(({ path }) => `${path}.revision`);
  const unseen = [
    ...sources
      .filter(({ source, input }) => source.kind === 'file' && !input?.sha256)
      .map(({ path }) => `${path}.path`),
    ...(isUnseenFolder(recipe, model) ? ['model.repository'] : []),
  ];
  const verdict = { name: 'pinned', ok: loose.length === 0, refuses: false };
  if (loose.length > 0) {
    const message = `${loose.join(' and ')} ${are(loose)} unpinned: put the commit’s hash there before a run whose result is to be repeated`;
    return { ...verdict, message };
  }
  const seen = [model, dataset, ...benchmarks]
    .filter((each) => each !== null)
    .filter(({ sha256 }) => sha256 !== null);
  const rest =
    sources.some(({ source }) => source.kind === 'huggingface') || recipe.model.kind === 'pretrained';
  const parts = [
    ...(seen.length > 0 ? [`${seen.map(({ name }) => name).join(', ')} by sha256`] : []),
    ...(unseen.length > 0
      ? [`${unseen.join(' and ')}, which ${are(unseen)} not on this machine, by prepare`]
      : []),
    ...(rest && seen.length === 0 && unseen.length === 0
      ? ['every repository by its commit, whose files prepare hashes']
      : []),
  ];
  return {
    ...verdict,
    message: parts.length === 0 ? 'the recipe itself pins all that it reads' : parts.join('; '),
  };
}

const are = (paths: readonly string[]): string => (paths.length === 1 ? 'is' : 'are');

const isUnseenFolder = ({ model }: RunRecipe, input: PlannedInput | null): boolean =>
  model.kind === 'pretrained' && model.revision === undefined && !input?.sha256;
