import type { Answer } from '../contract/routes.ts';
import type { Submission } from '../contract/submission.ts';
import { recordRuns } from '../controller/record-runs.ts';
import { stageInputs, unstageInputs } from '../controller/stage-inputs.ts';
import { hashMemory } from '../documents/cache-folder.ts';
import { digestOf } from '../documents/digest.ts';
import type { LoadedArm } from '../documents/load-recipe.ts';
import { pinInputs } from '../documents/pin-inputs.ts';
import { isStintError, StintError } from '../errors/stint-error.ts';
import { seededRandom } from '../plan/random.ts';
import type { Store } from '../ports/store.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';
import type { RunRecord } from '../run/run-record.ts';
import { newRunId } from '../store/run-id.ts';
import type { LaunchDesk, Once } from './desk.ts';
import { requireLaunchable } from './plan-recipe.ts';
import { planSubmission } from './plan-runs.ts';
import { requireInputsHere } from './require-inputs-here.ts';
import { keptInputs, requireSent } from './submitted-files.ts';
import { requireKnown } from './submitted-profile.ts';

/**
 * Records the runs of a submission where plan, cluster and budgets allow it; whoever attends the store takes them up.
 *
 * @throws StintError with one problem for each verdict that refuses, `file-not-sent`, `not-allowed` for another team's runs, and as
 * the controller's `createRuns` does; nothing is recorded then.
 */
export async function createRuns(desk: LaunchDesk, submission: Submission): Promise<Answer<'createRuns'>> {
  const { workplace, caller, site, once } = desk;
  const before = await recordedBefore(desk, submission);
  if (before !== null) return before;
  await requireKnown(submission, caller, site.home);
  for (const { team } of teamsOf(submission)) requireTeam(caller.team, team, caller.name);
  const { whole, plans, profile, arms } = await planSubmission(desk, submission);
  requireLaunchable(whole);
  const read = await withFiles(desk, submission, arms);
  requireInputsHere({ file: submission.file, arms: read }, profile);
  await site.requireReady(profile);
  const staging = { ...workplace, hashes: hashMemory(site.home) };
  const maker = once === undefined ? workplace : { ...workplace, ...chanceOf(once) };
  const inputs = {
    stage: (runs: readonly RunRecord[]) => stageInputs(staging, read, runs),
    unstage: async (runs: readonly RunRecord[]) =>
      unstageInputs(staging, await unrecorded(workplace.store, runs)),
  };
  try {
    const loaded = { recipe: submission.recipe, arms: read };
    const records = await recordRuns(maker, loaded, profile, plans, inputs);
    await site.uploads.release(workplace.now());
    return answerOf(records);
  } catch (error) {
    // Another server was asked the same at the same time.
    const isTaken = isStintError(error) && error.code === 'conflict';
    const recorded = isTaken ? await recordedBefore(desk, submission) : null;
    if (recorded === null) throw error;
    return recorded;
  }
}

const answerOf = (records: readonly RunRecord[]): Answer<'createRuns'> => ({
  runs: records.map(({ id, arm, recipe }) => ({
    id,
    arm,
    evaluates: recipe.kind === 'Evaluation' ? (recipe.checkpoint ?? null) : null,
  })),
});

/** What came is what was named by its digest, and the recipe may name one itself: all is pinned by what lies here. */
async function withFiles(
  { site }: LaunchDesk,
  { arms: submitted, asked }: Submission,
  arms: readonly LoadedArm<RunRecipe>[],
): Promise<readonly LoadedArm<RunRecipe>[]> {
  const sent = [...submitted.map(({ inputs }) => inputs), ...(asked ? [asked] : [])];
  await requireSent(sent, site.uploads);
  const pinned: LoadedArm<RunRecipe>[] = [];
  for (const [index, arm] of arms.entries()) {
    const named = submitted[index]?.inputs ?? asked ?? { model: null, benchmarks: [] };
    const kept = await keptInputs(arm.recipe, named, site.uploads);
    // A registered checkpoint was found where it is.
    const inputs = { ...arm.inputs, ...kept, model: arm.inputs.model ?? kept.model };
    pinned.push({ ...arm, inputs, pinned: await pinInputs(arm.recipe, inputs, hashMemory(site.home)) });
  }
  return pinned;
}

/** Asked again, the ids are the same: what was recorded is found, whatever became of the answer. */
async function recordedBefore(
  { workplace: { store }, once }: LaunchDesk,
  { recipe, arms }: Submission,
): Promise<Answer<'createRuns'> | null> {
  if (once === undefined) return null;
  const { now, random } = chanceOf(once);
  const count = Math.max(1, arms.length);
  const ids = Array.from({ length: count }, () => newRunId(now(), random)).toSorted();
  const found = (await Promise.all(ids.map((id) => store.runs.find(id)))).filter((run) => run !== null);
  const isSame = (run: RunRecord, index: number): boolean =>
    recipe.kind === 'Evaluation'
      ? run.name === recipe.name
      : run.recipeDigest === digestOf(arms[index]?.recipe);
  return found.length === count && found.every(isSame) ? answerOf(found) : null;
}

/** The same times and numbers each time that it is asked. */
const chanceOf = ({ at, seed }: Once) => ({ now: () => at, random: seededRandom(seed) });

/** What another server has recorded under these ids meanwhile is the same runs, and reads these inputs. */
async function unrecorded(store: Store, runs: readonly RunRecord[]): Promise<readonly RunRecord[]> {
  const found = await Promise.all(runs.map(({ id }) => store.runs.find(id)));
  return runs.filter((_, index) => found[index] === null);
}

const teamsOf = ({ recipe, arms }: Submission): readonly { readonly team?: string | undefined }[] =>
  recipe.kind === 'Evaluation' ? [recipe] : arms.map((arm) => arm.recipe);

function requireTeam(own: string | null, of: string | undefined, name: string): void {
  if (own === null || own === of) return;
  throw new StintError({
    code: 'not-allowed',
    where: 'team',
    what: `"${name}" launches for team ${own}, and the recipe ${of === undefined ? 'names no team' : `is team ${of}'s`}`,
    why: 'a run is paid for by its team, and seen by it',
    todo: `put \`team: ${own}\` into the recipe, or ask somebody whose token is for all teams`,
  });
}
