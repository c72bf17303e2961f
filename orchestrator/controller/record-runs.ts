import { ceilingOf } from '../budget/reservation.ts';
import type { LoadedArm, LoadedRecipe } from '../documents/load-recipe.ts';
import type { Plan } from '../plan/plan.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';
import type { RunRecord } from '../run/run-record.ts';
import { newRunId } from '../store/run-id.ts';
import { admitRuns, reservationFor } from './admit-runs.ts';
import { priceOfRun } from './price-of-run.ts';
import type { Workplace } from './workplace.ts';

/** A recipe and what it stands for: the runs of one recipe each. */
export interface LoadedRuns extends Pick<LoadedRecipe, 'recipe'> {
  readonly arms: readonly LoadedArm<RunRecipe>[];
}

/** What runs read, put where their stages will look for it. */
export interface RunInputs {
  readonly stage: (runs: readonly RunRecord[]) => Promise<void>;
  readonly unstage: (runs: readonly RunRecord[]) => Promise<void>;
}

/**
 * Records one run an arm, all or none, and starts nothing. `plans` stand in the order of the arms; what each may take at
 * most is reserved. Runs are recorded when their inputs are in their places and their folders tell what they are asked to be, so that
 * none is known that cannot begin, or that could not be known again.
 *
 * @throws StintError `over-budget` with the figures, where they do not fit into a budget together; `manifest-not-written`; and what staging throws.
 */
export async function recordRuns(
  workplace: Pick<Workplace, 'store' | 'now' | 'isAlive' | 'priceOf' | 'random' | 'host' | 'manifests'>,
  loaded: LoadedRuns,
  profile: ClusterProfile,
  plans: readonly Plan[],
  inputs?: RunInputs,
): Promise<readonly RunRecord[]> {
  const { recipe } = loaded;
  const createdAt = workplace.now();
  // Made in the same millisecond, the ids sort as the arms stand in the recipe.
  const ids = loaded.arms.map(() => newRunId(createdAt, workplace.random)).toSorted();
  const ablation = recipe.kind === 'Ablation' ? { id: `a${ids[0]?.slice(1)}`, name: recipe.name } : null;
  const runs = loaded.arms.map((arm, index): RunRecord => {
    const [id, plan] = [ids[index], plans[index]];
    if (id === undefined || plan === undefined) throw new Error('each arm needs an id and a plan');
    return {
      id,
      name: arm.recipe.name,
      arm: arm.name,
      ablation,
      factor: recipe.kind === 'Ablation' ? { path: recipe.factor, value: arm.value } : null,
      recipe: arm.recipe,
      recipeDigest: arm.recipeDigest,
      profile,
      plan,
      createdAt,
      host: profile.backend.kind === 'local' ? workplace.host : null,
    };
  });
  const reservations = runs.map((run) =>
    reservationFor(run, ceilingOf(run.plan, run.recipe.budget, priceOfRun(workplace, run))),
  );
  await inputs?.stage(runs);
  try {
    for (const run of runs) await workplace.manifests.begin(run);
    await admitRuns(workplace, { create: runs, resume: [], at: createdAt }, reservations);
  } catch (error) {
    await inputs?.unstage(runs);
    throw error;
  }
  return runs;
}
