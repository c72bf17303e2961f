import type { Submission, SubmittedArm, SubmittedFile } from '../contract/submission.ts';
import { digestOf } from '../documents/digest.ts';
import type { InputFile } from '../documents/find-data-files.ts';
import type { FoundInputs } from '../documents/find-inputs.ts';
import { contentDigest } from '../documents/input-files.ts';
import type { LoadedArm, LoadedRecipe } from '../documents/load-recipe.ts';
import type { Uploads } from '../documents/uploads.ts';
import { StintError } from '../errors/stint-error.ts';
import type { EvidenceOf } from '../plan/evidence.ts';
import { inputsOfRecipe, type PlannedInputs } from '../plan/planned-inputs.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import { proveOneFactor } from '../recipe/expand-ablation.ts';

/** A submission as loaded from files, its digests made here; what it reads is not looked for yet. */
export interface Submitted {
  readonly loaded: LoadedRecipe;
  readonly evidenceOf: EvidenceOf;
}

/**
 * What a submission says, held against itself: its arms are those of its recipe, and differ in its factor alone.
 *
 * @throws StintError `wrong-field` and as `proveOneFactor`.
 */
export function submittedRuns({ file, recipe, arms, seen }: Submission): Submitted {
  requireArms(recipe, arms);
  const loaded = arms.map((arm): LoadedArm => {
    const { name, value, recipe: of } = arm;
    const pinned = pinnedOf(arm);
    return {
      name,
      value,
      recipe: of,
      recipeDigest: digestOf(of),
      inputs: foundInputs(arm, () => ''),
      pinned,
    };
  });
  const evidence = new Map(
    arms.map(({ recipe: of, seen: index }) => [canonicalJson(of), index === null ? undefined : seen[index]]),
  );
  const whole = recipe.kind === 'Ablation' ? { ...recipe, base: arms.map((arm) => arm.recipe) } : recipe;
  return {
    loaded: { file, recipe, recipeDigest: digestOf(whole), arms: loaded },
    evidenceOf: (of) => evidence.get(canonicalJson(of)),
  };
}

/** The same with each file where it was kept. @throws StintError `file-not-sent`. */
export async function withFiles(
  loaded: LoadedRecipe,
  { arms }: Submission,
  uploads: Uploads,
): Promise<readonly LoadedArm[]> {
  const contents = contentsOf(arms);
  const missing = await uploads.missing(contents.map(({ sha256 }) => sha256));
  if (missing.length > 0)
    throw new StintError(
      missing.map((content) => ({
        code: 'file-not-sent',
        where: contents.find(({ sha256 }) => sha256 === content)?.name ?? content,
        what: `the server does not have ${content}`,
        todo: 'send it, then ask again; nothing was started',
      })),
    );
  return Promise.all(
    loaded.arms.map(async (arm, index) => {
      const submitted = arms[index];
      if (submitted === undefined) throw new Error('each arm was submitted');
      const inputs = foundInputs(submitted, uploads.pathOf);
      const { model } = submitted.inputs;
      if (model?.kind !== 'folder') return { ...arm, inputs };
      return {
        ...arm,
        inputs: { ...inputs, model: { kind: 'folder' as const, ...(await uploads.folderOf(model.files)) } },
      };
    }),
  );
}

/** Every file of the arms, each content once. */
function contentsOf(arms: readonly SubmittedArm[]): readonly SubmittedFile[] {
  const all = arms.flatMap(({ inputs: { model, dataset, benchmarks } }) => [
    ...(model?.kind === 'folder' ? model.files : []),
    ...(dataset ?? []),
    ...benchmarks.flatMap(({ files }) => files ?? []),
  ]);
  return [...new Map(all.map((each) => [each.sha256, each])).values()];
}

function foundInputs({ recipe, inputs }: SubmittedArm, pathOf: (content: string) => string): FoundInputs {
  const found = (files: readonly SubmittedFile[] | null): readonly InputFile[] | null =>
    files && files.map(({ name, sha256 }) => ({ name, path: pathOf(sha256) }));
  const { model, dataset, benchmarks } = inputs;
  return {
    model: model?.kind === 'folder' ? { ...model, files: found(model.files) ?? [] } : model,
    dataset: found(dataset),
    benchmarks: (recipe.evaluation?.benchmarks ?? []).map(({ name }) => ({
      benchmark: name,
      files: found(benchmarks.find(({ benchmark }) => benchmark === name)?.files ?? null),
    })),
  };
}

function pinnedOf({ recipe, inputs: { model, dataset, benchmarks } }: SubmittedArm): PlannedInputs {
  const named = inputsOfRecipe(recipe);
  const pin = <Input extends { readonly name: string }>(
    input: Input,
    files: readonly SubmittedFile[] | null,
  ): Input => (files === null ? input : { ...input, sha256: contentDigest(files), why: null });
  return {
    model: named.model && pin(named.model, model?.kind === 'folder' ? model.files : null),
    dataset: named.dataset && pin(named.dataset, dataset),
    benchmarks: named.benchmarks.map((each) =>
      pin(each, benchmarks.find(({ benchmark }) => benchmark === each.name)?.files ?? null),
    ),
  };
}

function requireArms(recipe: Submission['recipe'], arms: Submission['arms']): void {
  if (recipe.kind === 'Ablation') {
    const names = (of: readonly { readonly name: string; readonly value?: unknown }[]) =>
      canonicalJson(of.map(({ name, value }) => ({ name, value: value ?? null })));
    if (names(recipe.arms) !== names(arms)) throw otherArms('its arms are not those that the recipe lists');
    return proveOneFactor(arms, recipe.factor);
  }
  const [only, ...others] = arms;
  if (others.length > 0 || canonicalJson(only?.recipe ?? null) !== canonicalJson(recipe))
    throw otherArms('a FineTune is one arm, which is the recipe itself');
}

const otherArms = (why: string): StintError =>
  new StintError({
    code: 'wrong-field',
    where: 'arms',
    what: 'the arms of this submission are not those of its recipe',
    why,
    todo: 'send what `stint launch` sends; /openapi.json describes it',
  });
