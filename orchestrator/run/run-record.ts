import type { Plan } from '../plan/plan.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';

/** What a run was asked to be. It never changes; what became of it is in its events. Times are epoch milliseconds. */
export interface RunRecord {
  readonly id: string;
  /** Name of the recipe. */
  readonly name: string;
  /** Name of the arm in its ablation; of the recipe, where the run belongs to none. */
  readonly arm: string;
  /** One id for all runs that were launched as arms of one ablation. */
  readonly ablation: { readonly id: string; readonly name: string } | null;
  /** The field that the ablation varies, and this run's value of it. */
  readonly factor: { readonly path: string; readonly value: unknown } | null;
  readonly recipe: RunRecipe;
  readonly recipeDigest: string;
  readonly profile: ClusterProfile;
  readonly plan: Plan;
  readonly createdAt: number;
  /** The one machine and home folder that its pods and files are on; null when they are not bound to one. */
  readonly host: string | null;
}
