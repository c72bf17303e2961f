import type { Submission, SubmittedArm } from '../contract/submission.ts';
import { hashMemory } from '../documents/cache-folder.ts';
import type { InputFile } from '../documents/find-data-files.ts';
import { type HashedFile, hashFiles } from '../documents/input-files.ts';
import { isProfileFile, profileDocument } from '../documents/load-profile.ts';
import type { LoadedArm, LoadedRecipe } from '../documents/load-recipe.ts';
import { StintError } from '../errors/stint-error.ts';
import type { Evidence, EvidenceOf } from '../plan/evidence.ts';
import type { CliContext } from './context.ts';
import { loadToPlan, type RecipeOptions } from './load-to-plan.ts';
import { measureHere } from './plan-here.ts';

/** A recipe as a server takes it, and what of it stays here. */
export interface SubmissionHere {
  readonly submission: Submission;
  /** What the server may have to be sent. */
  readonly files: readonly HashedFile[];
  readonly loaded: LoadedRecipe;
  readonly evidenceOf: EvidenceOf;
}

/**
 * Reads a recipe and what it names on this machine, so that a server can plan and record its runs without ever seeing this
 * machine's folders: files are named by content, and the data is measured where it lies.
 *
 * @throws StintError for what is wrong with the recipe, with file and line; `not-over-a-server` for kinds that a server does not take yet.
 */
export async function submissionHere(
  file: string,
  options: RecipeOptions & { readonly cluster: string },
  context: CliContext,
): Promise<SubmissionHere> {
  const loaded = await loadToPlan(file, options, context);
  const { recipe } = loaded;
  if (recipe.kind !== 'FineTune' && recipe.kind !== 'Ablation') throw notYet(file, recipe.kind);
  const evidenceOf = await measureHere(
    loaded.file,
    loaded.arms.map((arm) => arm.recipe),
    context,
  );
  const seen: Evidence[] = [];
  const files: HashedFile[] = [];
  const arms: SubmittedArm[] = [];
  for (const arm of loaded.arms)
    arms.push(await submitted(arm, { evidenceOf, seen, files, memory: hashMemory(context.home) }));
  const cluster = isProfileFile(options.cluster) ? await profileDocument(options.cluster) : options.cluster;
  // They were parsed from what this schema describes.
  const submission = { file: loaded.file, recipe, arms, seen, cluster } as Submission;
  return { submission, files, loaded, evidenceOf };
}

interface Collected {
  readonly evidenceOf: EvidenceOf;
  readonly seen: Evidence[];
  readonly files: HashedFile[];
  readonly memory: string;
}

async function submitted(
  { name, value, recipe, inputs }: LoadedArm,
  { evidenceOf, seen, files, memory }: Collected,
): Promise<SubmittedArm> {
  async function named(found: readonly InputFile[] | null) {
    if (found === null || found.length === 0) return null;
    const hashed = await hashFiles(found, memory);
    files.push(...hashed);
    return hashed.map(({ name: of, sha256 }) => ({ name: of, sha256 }));
  }
  const { model, dataset, benchmarks } = inputs;
  const evidence = evidenceOf(recipe);
  if (evidence !== undefined && !seen.includes(evidence)) seen.push(evidence);
  const asked: SubmittedArm['inputs']['benchmarks'] = [];
  for (const each of benchmarks) asked.push({ benchmark: each.benchmark, files: await named(each.files) });
  return {
    name,
    value,
    recipe,
    inputs: {
      model: model?.kind === 'folder' ? { ...model, files: (await named(model.files)) ?? [] } : model,
      dataset: await named(dataset),
      benchmarks: asked,
    },
    seen: evidence === undefined ? null : seen.indexOf(evidence),
  };
}

const notYet = (file: string, kind: string): StintError =>
  new StintError({
    code: 'not-over-a-server',
    where: `${file} kind`,
    what: `a server takes recipes of kind FineTune and Ablation, and this is of kind ${kind}`,
    todo: 'run it on the machine of the server, without --server and STINT_SERVER',
  });
