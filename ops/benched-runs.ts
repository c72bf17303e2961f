import type { LoadedArm } from '../orchestrator/documents/load-recipe.ts';
import type { Plan } from '../orchestrator/plan/plan.ts';
import type { ClusterProfile } from '../orchestrator/profile/cluster-profile.ts';
import type { RunRecord } from '../orchestrator/run/run-record.ts';

/** What a bench fills a store with, many times. */
export interface BenchedRun {
  readonly arm: LoadedArm;
  readonly plan: Plan;
  readonly profile: ClusterProfile;
}

const MINUTE = 60_000;
/** The first run; each is a minute later than the one before. */
export const START = Date.UTC(2026, 0, 1);

export const benchedId = (number: number): string => `r-${String(number).padStart(12, '0')}`;
export const benchedAt = (number: number): number => START + number * MINUTE;

/** Runs of several teams and projects, from one number up to another, in parts that are recorded at once. */
export function* benchedRuns(
  { arm, plan, profile }: BenchedRun,
  from: number,
  to: number,
): Generator<{ readonly numbers: readonly number[]; readonly runs: readonly RunRecord[] }> {
  for (let start = from; start < to; start += 500) {
    const numbers = Array.from({ length: Math.min(500, to - start) }, (_, index) => start + index);
    const runs = numbers.map(
      (number): RunRecord => ({
        id: benchedId(number),
        name: arm.recipe.name,
        arm: arm.name,
        ablation: null,
        factor: null,
        recipe: { ...arm.recipe, team: `team-${number % 7}`, project: `project-${number % 23}` },
        recipeDigest: arm.recipeDigest,
        profile,
        plan,
        createdAt: benchedAt(number),
        host: null,
      }),
    );
    yield { numbers, runs };
  }
}
