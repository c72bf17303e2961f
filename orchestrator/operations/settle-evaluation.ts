import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type Caller, OWNER } from '../contract/caller.ts';
import type { Workplace } from '../controller/workplace.ts';
import { digestOf } from '../documents/digest.ts';
import type { FoundInputs } from '../documents/find-inputs.ts';
import { findModel } from '../documents/find-model-files.ts';
import type { LoadedArm, LoadedRecipe } from '../documents/load-recipe.ts';
import { readArchitecture } from '../documents/model-architecture.ts';
import { StintError } from '../errors/stint-error.ts';
import { DEFAULT_PROMPT, type Evaluation, type SettledEvaluation } from '../recipe/evaluation-recipe.ts';
import { formatPath } from '../recipe/field-path.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { asFineTune } from '../recipe/run-recipe.ts';
import { undelimited } from '../recipe/thinking.ts';
import { findCheckpoint } from './find-checkpoint.ts';
import { findRun } from './find-runs.ts';
import { modelFolder } from './model-folder.ts';

export interface AskedEvaluation extends Pick<LoadedRecipe, 'file' | 'asked'> {
  readonly recipe: Evaluation;
}

type OpenWorkplace = () => Promise<Workplace>;

/**
 * The recipe with the one who answers: a registered checkpoint, asked as it was trained to be, or the model that the recipe names.
 *
 * @param openWorkplace - Called where a checkpoint is named.
 * @throws StintError `no-such-checkpoint`, `nothing-to-evaluate`, and `run-is-elsewhere` where another machine has the files.
 */
export async function settleEvaluation(
  { file, recipe, asked }: AskedEvaluation,
  openWorkplace: OpenWorkplace,
  caller: Caller = OWNER,
): Promise<LoadedArm<SettledEvaluation>> {
  const benchmarks = asked?.benchmarks ?? [];
  const { model, checkpoint, prompt = DEFAULT_PROMPT } = recipe;
  if (checkpoint === undefined && model === undefined) throw nobodyAnswers(file);
  const who: Answerer =
    checkpoint === undefined
      ? { model, prompt, place: asked?.model ?? null }
      : await registered(checkpoint, recipe, await openWorkplace(), caller);
  const { place, trainedOn, ...subject } = who;
  const settled = { ...recipe, ...subject } as SettledEvaluation;
  requireDelimited(file, settled);
  const inputs = { model: place, dataset: null, benchmarks, ...(trainedOn && { trainedOn }) };
  return { name: recipe.name, value: null, recipe: settled, recipeDigest: digestOf(settled), inputs };
}

/** What answers, how it is asked, where its files are, and what it was trained on where that is still there. */
interface Answerer extends Pick<Evaluation, 'checkpoint' | 'model' | 'prompt'> {
  readonly place: FoundInputs['model'];
  readonly trainedOn?: NonNullable<FoundInputs['trainedOn']>;
}

async function registered(
  reference: string,
  { prompt }: Evaluation,
  workplace: Workplace,
  caller: Caller,
): Promise<Answerer> {
  const checkpoint = await findCheckpoint(workplace.store, reference, caller);
  const place = await modelFolder(workplace, checkpoint);
  if ('machine' in place) throw onAnotherMachine(checkpoint.id, place.machine);
  const record = await findRun(workplace.store, checkpoint.run);
  const { model, dataset } = asFineTune(record.recipe);
  const found = await findModel(place.folder, '.', undefined);
  if ('what' in found) throw new StintError({ ...found, where: checkpoint.id });
  const { vocabularySize } = await readArchitecture(place.folder, checkpoint.id);
  const records = join(workplace.workFolder(record), 'data', 'records.jsonl');
  return {
    checkpoint: checkpoint.digest,
    model: {
      kind: 'pretrained',
      repository: checkpoint.id,
      architecture: { ...model.architecture, vocabularySize },
    },
    prompt: trainedPrompt(dataset, prompt),
    place: found,
    ...((await isThere(records)) && {
      trainedOn: { name: `the records of ${record.id}`, path: records },
    }),
  };
}

/** As it was trained to be asked. What a recipe says of that counts, but for delimiters of thinking that it does not name. */
function trainedPrompt(
  { template, systemPrompt, controlTokens, thinking }: FineTune['dataset'],
  asked: Evaluation['prompt'],
): SettledEvaluation['prompt'] {
  const prompt = asked ?? { template, systemPrompt, controlTokens };
  return thinking === undefined ? prompt : { thinking, ...prompt };
}

/** @throws StintError `wrong-field` where a control does not go with the delimiters that the checkpoint was trained on. */
function requireDelimited(file: string, { prompt, evaluation }: SettledEvaluation): void {
  const [first] = undelimited(prompt.thinking, evaluation.controls);
  if (first === undefined) return;
  const path = formatPath(['evaluation', 'controls', first.place, first.field]);
  throw new StintError({
    code: 'wrong-field',
    where: `${file} ${path}`,
    what: `${path} does not go with the delimiters of thinking that the checkpoint was trained on, of which the end is ${prompt.thinking?.end}`,
    why: first.expected,
    todo: 'change the control',
  });
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const nobodyAnswers = (file: string) =>
  new StintError({
    code: 'nothing-to-evaluate',
    where: file,
    what: 'neither a checkpoint nor a model is named that could answer',
    why: 'an evaluation asks one model',
    todo: 'name a registered checkpoint with --checkpoint (`stint checkpoints ls` lists them), or put `checkpoint` or `model` into the recipe',
  });

const onAnotherMachine = (checkpoint: string, machine: string) =>
  new StintError({
    code: 'run-is-elsewhere',
    where: checkpoint,
    what: `the files of this checkpoint are on ${machine}, and this is another machine or another home folder`,
    why: 'an evaluation reads them from where it is started',
    todo: 'evaluate it there',
  });
