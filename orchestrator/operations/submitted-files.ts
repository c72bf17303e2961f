import type { SubmittedArm, SubmittedFile, SubmittedInputs } from '../contract/submission.ts';
import type { FoundFile } from '../documents/find-data-files.ts';
import type { FoundInputs } from '../documents/find-inputs.ts';
import { contentDigest } from '../documents/input-files.ts';
import type { Uploads } from '../documents/uploads.ts';
import { StintError } from '../errors/stint-error.ts';
import { inputsOfRecipe, type PlannedInput, type PlannedInputs } from '../plan/planned-inputs.ts';
import type { Evaluation } from '../recipe/evaluation-recipe.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';

type Inputs = SubmittedInputs & Partial<Pick<SubmittedArm['inputs'], 'dataset'>>;

/** @throws StintError `file-not-sent`, for each content that a server does not have. */
export async function requireSent(all: readonly Inputs[], uploads: Pick<Uploads, 'missing'>): Promise<void> {
  const contents = new Map(all.flatMap(filesOf).map(({ sha256, name }) => [sha256, name]));
  const missing = await uploads.missing([...contents.keys()]);
  if (missing.length === 0) return;
  throw new StintError(
    missing.map((content) => ({
      code: 'file-not-sent',
      where: contents.get(content) ?? content,
      what: `the server does not have ${content}`,
      todo: 'send it, then ask again; nothing was started',
    })),
  );
}

/** Where a server keeps what was sent. Call it when all of it is there. */
export async function keptInputs(
  { evaluation }: Pick<FineTune | Evaluation, 'evaluation'>,
  { model, dataset = null, benchmarks }: Inputs,
  uploads: Pick<Uploads, 'pathOf' | 'folderOf'>,
): Promise<FoundInputs> {
  const found = (files: readonly SubmittedFile[] | null): readonly FoundFile[] | null =>
    files && files.map(({ name, sha256 }) => ({ name, path: uploads.pathOf(sha256) }));
  return {
    model: model?.kind === 'folder' ? { kind: 'folder', ...(await uploads.folderOf(model.files)) } : model,
    dataset: found(dataset),
    benchmarks: (evaluation?.benchmarks ?? []).map(({ name }) => ({
      benchmark: name,
      files: found(ofBenchmark(benchmarks, name)),
    })),
  };
}

/** What a recipe reads, by the digests that were sent of it. */
export function submittedPins(
  recipe: RunRecipe,
  { model, dataset = null, benchmarks }: Inputs,
): PlannedInputs {
  const named = inputsOfRecipe(recipe);
  const pin = (input: PlannedInput, files: readonly SubmittedFile[] | null): PlannedInput =>
    files === null ? input : { ...input, sha256: contentDigest(files), why: null };
  return {
    model: named.model && pin(named.model, model?.kind === 'folder' ? model.files : null),
    dataset: named.dataset && pin(named.dataset, dataset),
    benchmarks: named.benchmarks.map((each) => pin(each, ofBenchmark(benchmarks, each.name))),
  };
}

const ofBenchmark = (benchmarks: Inputs['benchmarks'], name: string): readonly SubmittedFile[] | null =>
  benchmarks.find(({ benchmark }) => benchmark === name)?.files ?? null;

const filesOf = ({ model, dataset, benchmarks }: Inputs): readonly SubmittedFile[] => [
  ...(model?.kind === 'folder' ? model.files : []),
  ...(dataset ?? []),
  ...benchmarks.flatMap(({ files }) => files ?? []),
];
