import type { Submission, SubmittedArm, SubmittedInputs } from '../contract/submission.ts';
import { hashMemory } from '../documents/cache-folder.ts';
import type { FoundFile } from '../documents/find-data-files.ts';
import type { FoundInputs } from '../documents/find-inputs.ts';
import { type HashedFile, hashFiles } from '../documents/input-files.ts';
import type { LoadedArm } from '../documents/load-recipe.ts';
import type { Evidence, EvidenceOf } from '../plan/evidence.ts';
import { DEFAULT_PROMPT } from '../recipe/evaluation-recipe.ts';
import type { CliContext } from './context.ts';
import { loadWhole, type RecipeOptions } from './load-to-plan.ts';
import { namedCluster } from './named-cluster.ts';
import { pinRecipe } from './pin-recipe.ts';
import { measureHere, readQuestions } from './plan-here.ts';
import { askedHere, type EvaluatedOptions } from './who-answers.ts';

/** A recipe as a server takes it, and what of it stays here. */
export interface SubmissionHere {
  readonly submission: Submission;
  /** What the server may have to be sent. */
  readonly files: readonly HashedFile[];
  /** Of an evaluation none: who answers is known at the server. */
  readonly arms: readonly LoadedArm[];
  readonly evidenceOf: EvidenceOf;
}

export interface SubmittedOptions extends RecipeOptions, EvaluatedOptions {
  readonly cluster: string;
}

/**
 * Reads a recipe and what it names on this machine, so that a server can plan and record its runs without ever seeing this
 * machine's folders: files are named by content, and the data is measured where it lies.
 *
 * @throws StintError for what is wrong with the recipe, with file and line.
 */
export async function submissionHere(
  file: string,
  options: SubmittedOptions,
  context: CliContext,
): Promise<SubmissionHere> {
  const whole = await loadWhole(file, options);
  const named = new NamedFiles(hashMemory(context.home));
  const cluster = await namedCluster(options.cluster);
  const asked = askedHere(whole, options);
  if (asked !== undefined) {
    const { recipe, asked: found } = asked;
    // A checkpoint's model is where the checkpoint is.
    const model = recipe.checkpoint === undefined ? await named.model(found?.model ?? null) : null;
    const inputs = { model, benchmarks: await named.benchmarks(found?.benchmarks ?? []) };
    const { prompt = DEFAULT_PROMPT, evaluation } = recipe;
    // A checkpoint's tokenizer is where the checkpoint is, too: its questions are read here and not measured.
    const answers = recipe.checkpoint === undefined ? recipe.model : undefined;
    const asks = { prompt, evaluation, model: answers };
    const evidence = await readQuestions(asks, found ?? NOTHING_FOUND, context);
    const seen = evidence === undefined ? [] : [evidence];
    const submission = { file: whole.file, recipe, arms: [], asked: inputs, seen, cluster } as Submission;
    return { submission, files: named.files, arms: [], evidenceOf: () => undefined };
  }
  const { recipe, arms } = await pinRecipe(whole, context);
  const evidenceOf = await measureHere(
    whole.file,
    arms.map((arm) => arm.recipe),
    context,
  );
  const seen: Evidence[] = [];
  const sent: SubmittedArm[] = [];
  for (const arm of arms) {
    const evidence = evidenceOf(arm.recipe);
    if (evidence !== undefined && !seen.includes(evidence)) seen.push(evidence);
    const { name, value, recipe: of, inputs } = arm;
    sent.push({
      name,
      value,
      recipe: of,
      inputs: {
        model: await named.model(inputs.model),
        dataset: await named.of(inputs.dataset),
        benchmarks: await named.benchmarks(inputs.benchmarks),
      },
      seen: evidence === undefined ? null : seen.indexOf(evidence),
    });
  }
  // They were parsed from what this schema describes.
  const submission = { file: whole.file, recipe, arms: sent, seen, cluster } as Submission;
  return { submission, files: named.files, arms, evidenceOf };
}

const NOTHING_FOUND = { model: null, benchmarks: [] };

/** Files of this machine, by content. */
class NamedFiles {
  readonly files: HashedFile[] = [];
  readonly #memory: string;

  constructor(memory: string) {
    this.#memory = memory;
  }

  async of(found: readonly FoundFile[] | null): Promise<SubmittedArm['inputs']['dataset']> {
    if (found === null || found.length === 0) return null;
    const hashed = await hashFiles(found, this.#memory);
    this.files.push(...hashed);
    return hashed.map(({ name, sha256 }) => ({ name, sha256 }));
  }

  async model(place: FoundInputs['model']): Promise<SubmittedInputs['model']> {
    if (place?.kind !== 'folder') return place;
    return { kind: 'folder', folder: place.folder, files: (await this.of(place.files)) ?? [] };
  }

  async benchmarks(found: FoundInputs['benchmarks']): Promise<SubmittedInputs['benchmarks']> {
    const named: SubmittedInputs['benchmarks'] = [];
    for (const { benchmark, files } of found) named.push({ benchmark, files: await this.of(files) });
    return named;
  }
}
