import { checkFiles } from '../documents/checkpoint-files.ts';
import { digestOf, sha256 } from '../documents/digest.ts';
import {
  readEvaluationResult,
  readPrepared,
  readPreparedEvaluation,
  readStageManifest,
} from '../documents/work-files.ts';
import { StintError } from '../errors/stint-error.ts';
import { makeEvaluationPlan } from '../plan/make-evaluation-plan.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { asRead, inputsOfRecipe } from '../plan/planned-inputs.ts';
import { asFineTune } from '../recipe/run-recipe.ts';
import { type Checkpoint, makeCheckpoint } from '../registry/checkpoint.ts';
import { modelReference } from '../registry/lineage.ts';
import type { RunEvent } from '../run/event.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { CollectedStage } from '../wire/stage-traits.ts';
import { reserveAnew } from './admit-runs.ts';
import type { Workplace } from './workplace.ts';

/**
 * Takes over what a stage left in the run's work folder. Safe to repeat.
 *
 * @throws StintError when it is missing, broken, or fails verification.
 */
export function collectStage(
  workplace: Workplace,
  record: RunRecord,
  stage: CollectedStage,
): Promise<readonly RunEvent[]> {
  switch (stage) {
    case 'prepare':
      return reviewPlan(workplace, record);
    case 'export':
      return registerCheckpoint(workplace, record);
    case 'evaluate':
      return recordEvaluation(workplace, record);
  }
}

/** Data is known now, so the plan is exact where it was an estimate; what it or a budget refuses does not get devices. */
async function reviewPlan(workplace: Workplace, record: RunRecord): Promise<readonly RunEvent[]> {
  const plan = await planAsPrepared(workplace, record);
  const refused = plan.verdicts.filter((verdict) => !verdict.ok && verdict.refuses);
  if (refused.length === 0) {
    const reviewed = { type: 'plan-reviewed', plan } as const;
    const over = await reserveAnew(workplace, record, plan);
    const message = `the plan from the prepared data takes more than was reserved: ${over}`;
    if (over === null) return [reviewed];
    return [
      reviewed,
      { type: 'failed', stage: 'prepare', failure: 'budget', exitClass: 'configuration', message },
    ];
  }
  const message = `the plan from the prepared data is refused: ${refused.map((verdict) => verdict.message).join('; ')}`;
  const failure = refused.some((verdict) => verdict.name === 'within-budget') ? 'budget' : 'configuration';
  return [
    { type: 'plan-reviewed', plan },
    { type: 'failed', stage: 'prepare', failure, exitClass: 'configuration', message },
  ];
}

/** The plan of a launch, made again from what its prepare stage has found. */
export async function planAsPrepared(workplace: Folders, record: RunRecord): Promise<Plan> {
  const { recipe, recipeDigest, profile, plan } = record;
  const folder = workplace.workFolder(record);
  const inputs = plan.inputs ?? inputsOfRecipe(recipe);
  if (recipe.kind === 'Evaluation') {
    const found = await readPreparedEvaluation(folder);
    return makeEvaluationPlan(recipe, recipeDigest, profile, found, asRead(inputs, found.inputs));
  }
  const prepared = await readPrepared(folder);
  const read = asRead(inputs, prepared.inputs);
  return makePlan(recipe, recipeDigest, profile, prepared, plan.calibration, read);
}

type Folders = Pick<Workplace, 'workFolder'>;

/** Verified first, then registered in one transaction: what is in the registry was whole when it came in. */
async function registerCheckpoint(workplace: Workplace, record: RunRecord): Promise<readonly RunEvent[]> {
  const folder = workplace.workFolder(record);
  const manifest = await readStageManifest(folder, 'export');
  const findings = await checkFiles(`${folder}/model`, manifest.files);
  if (findings.length > 0) {
    throw new StintError({
      code: 'checkpoint-unsound',
      where: `${folder}/model`,
      what: `the exported checkpoint is unsound: ${findings.map((finding) => finding.message).join('; ')}`,
      todo: `check the disk, then export again with \`stint runs resume ${record.id}\``,
    });
  }
  const checkpoint = await workplace.store.checkpoints.register(await exportedCheckpoint(workplace, record));
  return [{ type: 'checkpoint-registered', checkpoint }];
}

/** The record of what was exported. Its files are not read: what is registered has to be verified first. */
export async function exportedCheckpoint(
  workplace: Folders & Pick<Workplace, 'now' | 'codeVersion'>,
  record: RunRecord,
): Promise<Checkpoint> {
  const folder = workplace.workFolder(record);
  const manifest = await readStageManifest(folder, 'export');
  const prepared = await readPrepared(folder);
  const recipe = asFineTune(record.recipe);
  const { dataset, ...read } = asRead(record.plan.inputs ?? inputsOfRecipe(recipe), prepared.inputs);
  const inputs = dataset === null ? undefined : { ...read, dataset };
  const lineage = {
    recipe: record.recipeDigest,
    dataset: prepared.dataset,
    model: modelReference(recipe.model, digestOf, read.model?.sha256 ?? null),
    ...(inputs && { inputs }),
    code: await workplace.codeVersion(),
    run: record.id,
  };
  return makeCheckpoint(manifest.files, lineage, workplace.now(), sha256);
}

async function recordEvaluation(workplace: Workplace, record: RunRecord): Promise<readonly RunEvent[]> {
  const { store, now } = workplace;
  const result = await readEvaluationResult(workplace.workFolder(record));
  await store.evaluations.record(record.id, result, now(), await evaluatedCheckpoint(workplace, record));
  return [{ type: 'evaluation-recorded' }];
}

/** Digest under which what has answered is registered. */
async function evaluatedCheckpoint(
  { store }: Pick<Workplace, 'store'>,
  { id, recipe }: RunRecord,
): Promise<string | null> {
  if (recipe.kind === 'Evaluation') return recipe.checkpoint ?? null;
  const [newest] = await store.checkpoints.list({ run: id });
  return newest?.digest ?? null;
}
