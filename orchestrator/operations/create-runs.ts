import type { Answer } from '../contract/routes.ts';
import type { Submission } from '../contract/submission.ts';
import { createRuns as recordRuns } from '../controller/create-runs.ts';
import { stageInputs, unstageInputs } from '../controller/stage-inputs.ts';
import { hashMemory } from '../documents/cache-folder.ts';
import { digestOf } from '../documents/digest.ts';
import type { LoadedArm } from '../documents/load-recipe.ts';
import { pinInputs } from '../documents/pin-inputs.ts';
import { isStintError, StintError } from '../errors/stint-error.ts';
import { seededRandom } from '../plan/random.ts';
import type { RunRecord, Store } from '../store/port.ts';
import { newRunId } from '../store/run-id.ts';
import type { LaunchDesk, Once } from './desk.ts';
import { refuse } from './plan-recipe.ts';
import { planSubmission } from './plan-runs.ts';
import { requireInputsHere } from './require-inputs-here.ts';
import { requireKnown } from './submitted-profile.ts';
import { withFiles } from './submitted-runs.ts';

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
  for (const { recipe } of submission.arms) requireTeam(caller.team, recipe.team, caller.name);
  const { loaded, whole, plans, profile } = await planSubmission(desk, submission);
  refuse(whole);
  const arms = await withFiles(loaded, submission, site.uploads);
  requireInputsHere({ file: loaded.file, arms }, profile);
  const hashes = hashMemory(site.home);
  // What came is what was named by its digest, and the recipe may name one itself.
  const pinned: LoadedArm[] = [];
  for (const arm of arms) pinned.push({ ...arm, pinned: await pinInputs(arm.recipe, arm.inputs, hashes) });
  await site.requireReady(profile);
  const staging = { ...workplace, hashes };
  const maker = once === undefined ? workplace : { ...workplace, ...chanceOf(once) };
  try {
    const records = await recordRuns(maker, { ...loaded, arms: pinned }, profile, plans, {
      stage: (runs) => stageInputs(staging, pinned, runs),
      unstage: async (runs) => unstageInputs(staging, await unrecorded(workplace.store, runs)),
    });
    await site.uploads.release(workplace.now());
    return answerOf(records);
  } catch (error) {
    // Another server was asked the same at the same time.
    const recorded =
      isStintError(error) && error.code === 'conflict' ? await recordedBefore(desk, submission) : null;
    if (recorded === null) throw error;
    return recorded;
  }
}

const answerOf = (records: readonly Pick<RunRecord, 'id' | 'arm'>[]): Answer<'createRuns'> => ({
  runs: records.map(({ id, arm }) => ({ id, arm })),
});

/** Asked again, the ids are the same: what was recorded is found, whatever became of the answer. */
async function recordedBefore(
  { workplace: { store }, once }: LaunchDesk,
  { arms }: Submission,
): Promise<Answer<'createRuns'> | null> {
  if (once === undefined) return null;
  const { now, random } = chanceOf(once);
  const ids = arms.map(() => newRunId(now(), random)).toSorted();
  const records = await Promise.all(ids.map((id) => store.runs.find(id)));
  const same = records.filter((record, index) => record?.recipeDigest === digestOf(arms[index]?.recipe));
  return same.length < arms.length ? null : answerOf(same.filter((record) => record !== null));
}

/** The same times and numbers each time that it is asked. */
const chanceOf = ({ at, seed }: Once) => ({ now: () => at, random: seededRandom(seed) });

/** What another server has recorded under these ids meanwhile is the same runs, and reads these inputs. */
async function unrecorded(store: Store, runs: readonly RunRecord[]): Promise<readonly RunRecord[]> {
  const found = await Promise.all(runs.map(({ id }) => store.runs.find(id)));
  return runs.filter((_, index) => found[index] === null);
}

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
