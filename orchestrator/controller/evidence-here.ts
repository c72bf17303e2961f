import { digestOf } from '../documents/digest.ts';
import { findHubSnapshot } from '../documents/find-hub-snapshot.ts';
import { type FoundInputs, findInputs } from '../documents/find-inputs.ts';
import { tokenizerDigest } from '../documents/tokenizer-digest.ts';
import { questionsOf, type ReadableHere, requestOf } from '../inspection/request-of.ts';
import type { Evidence, EvidenceOf } from '../plan/evidence.ts';
import type { Source } from '../recipe/dataset.ts';
import type { EvaluationSettings } from '../recipe/evaluation.ts';
import type { Evaluation, SettledEvaluation } from '../recipe/evaluation-recipe.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { DataReader, OnRead } from './data-reader.ts';
import { inspectKept } from './inspect-kept.ts';

export interface EvidencePlace {
  readonly reader: DataReader;
  readonly home: string;
  /** What recipes name is relative to its folder. */
  readonly recipeFile: string;
  readonly onRead: OnRead;
}

/**
 * Reads and tokenises what lies here of the data of these recipes, so that their plans count what prepare will count. What
 * Stint generates for its own tokenizer needs no reading: its distribution is known.
 *
 * @throws StintError as `inspectKept` does.
 */
export async function evidenceHere(recipes: readonly FineTune[], place: EvidencePlace): Promise<EvidenceOf> {
  const found = new Map<string, Evidence | undefined>();
  for (const recipe of recipes) {
    const key = whatIsAsked(recipe);
    if (!found.has(key)) found.set(key, await evidenceOf(recipe, place));
  }
  return (recipe) => found.get(whatIsAsked(recipe));
}

/** Recipes that agree in it are measured once. */
const whatIsAsked = ({ model, dataset, evaluation }: FineTune): string =>
  digestOf({
    model,
    dataset: { ...dataset, overLength: null },
    benchmarks: evaluation?.benchmarks ?? null,
    controls: evaluation?.controls ?? null,
  });

async function evidenceOf(recipe: FineTune, place: EvidencePlace): Promise<Evidence | undefined> {
  if (recipe.model.kind === 'scratch' && recipe.dataset.source.kind === 'generated') return undefined;
  const here = await readableHere(recipe, place.recipeFile);
  if ('why' in here) return here;
  return { inspection: await inspectKept(place.reader, place.home, requestOf(recipe, here), place.onRead) };
}

/** Where model and data are, or what of them is not here. */
export async function readableHere(
  recipe: FineTune,
  recipeFile: string,
): Promise<ReadableHere | Extract<Evidence, { why: unknown }>> {
  const inputs = await findInputs(recipeFile, recipe, () => recipeFile);
  const model = await modelHere(recipe, inputs);
  if (model === null) return { why: noTokenizer(recipe), tokenizer: null };
  const tokenizer = 'folder' in model ? await tokenizerDigest(model.folder) : null;
  const { source } = recipe.dataset;
  if (!(await isHere(source, inputs.dataset))) return { why: noData(source), tokenizer };
  const benchmarks = await benchmarksHere(recipe.evaluation?.benchmarks ?? [], inputs);
  return { model, dataset: inputs.dataset, benchmarks } as ReadableHere;
}

/**
 * Reads the questions of an evaluation that lie here, and counts their tokens where the model's tokenizer does: it has no
 * stage without devices that would find what is wrong with them. Undefined where nothing of either is here.
 *
 * @throws StintError as `inspectKept` does.
 */
export async function questionsHere(
  recipe: Pick<SettledEvaluation, 'prompt' | 'evaluation'> & { readonly model: Evaluation['model'] },
  inputs: Pick<FoundInputs, 'model' | 'benchmarks'>,
  { reader, home, onRead }: Omit<EvidencePlace, 'recipeFile'>,
): Promise<Evidence | undefined> {
  const model = recipe.model === undefined ? null : await modelHere({ model: recipe.model }, inputs);
  const benchmarks = await benchmarksHere(recipe.evaluation.benchmarks, inputs);
  if (model === null && benchmarks.size === 0) return undefined;
  // Who answers elsewhere has the weights there.
  const answersHere = recipe.evaluation.engine?.kind !== 'endpoint';
  const read = model !== null && 'folder' in model && answersHere ? { ...model, whole: true } : model;
  const request = questionsOf(recipe, { model: read, benchmarks } as Omit<ReadableHere, 'dataset'>);
  return { inspection: await inspectKept(reader, home, request, onRead) };
}

async function benchmarksHere(
  benchmarks: EvaluationSettings['benchmarks'],
  inputs: Pick<FoundInputs, 'benchmarks'>,
): Promise<ReadonlyMap<string, FoundInputs['dataset']>> {
  const here = new Map<string, FoundInputs['dataset']>();
  for (const { name, source } of benchmarks) {
    const files = inputs.benchmarks.find(({ benchmark }) => benchmark === name)?.files ?? null;
    // What is generated has no row that could be wrong.
    if (source.kind !== 'generated' && (await isHere(source, files))) here.set(name, files);
  }
  return here;
}

async function modelHere({ model }: Pick<FineTune, 'model'>, { model: place }: Pick<FoundInputs, 'model'>) {
  if (model.kind === 'scratch') return { scratch: true } as const;
  if (place?.kind === 'folder') return { folder: place.folder };
  if (place?.kind !== 'hub' || model.revision === undefined) return null;
  const snapshot = await findHubSnapshot('models', model.repository, model.revision);
  return snapshot && { folder: snapshot.folder };
}

async function isHere(source: Source, files: FoundInputs['dataset']): Promise<boolean> {
  if (source.kind === 'generated') return true;
  if (source.kind === 'file') return files !== null;
  const revision = source.revision === 'unpinned' ? 'main' : source.revision;
  return (await findHubSnapshot('datasets', source.repository, revision)) !== null;
}

const ELSE =
  'or write its lengths into the recipe where both are (`stint data inspect RECIPE --write-lengths`)';

function noTokenizer({ model, dataset }: FineTune): string {
  const repository = model.kind === 'pretrained' ? model.repository : '';
  const counted =
    dataset.source.kind === 'generated' ? 'lengths that its generator knows are in other tokens, and ' : '';
  return `${counted}the tokenizer of ${repository}, in whose tokens lengths count, is not here: fetch it (\`hf download ${repository} --include "*.json"\`), name a folder that holds it, ${ELSE}`;
}

function noData(source: Source): string {
  const name = source.kind === 'huggingface' ? source.repository : 'the data';
  return source.kind === 'huggingface'
    ? `${name} is not here: fetch it (\`hf download --repo-type dataset ${name}\`), ${ELSE}`
    : `the data is not on this machine: plan where it is, ${ELSE}`;
}
