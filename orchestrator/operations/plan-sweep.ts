import type { Answer } from '../contract/routes.ts';
import type { SubmittedSweep } from '../contract/submission.ts';
import { calibrationOn } from '../controller/calibration-of.ts';
import { digestOf } from '../documents/digest.ts';
import { makeSweep } from '../plan/sweep.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import type { LaunchDesk } from './desk.ts';
import { submittedProfile } from './submitted-profile.ts';

/** The curve of a recipe over the values of a field, with what this store's finished runs have taught. @throws StintError as `submittedProfile`. */
export async function planSweep(
  { workplace: { store, now }, site }: Pick<LaunchDesk, 'workplace' | 'site'>,
  sweep: SubmittedSweep,
): Promise<Answer<'planSweep'>> {
  const { recipe, factor, base, variants, seen } = sweep;
  const profile = await submittedProfile(sweep, site.home, now());
  const evidence = new Map(
    [...variants, { recipe, seen: base }].map(({ recipe: of, seen: index }) => [
      canonicalJson(of),
      index === null ? undefined : seen[index],
    ]),
  );
  return makeSweep(
    recipe,
    factor,
    variants.map(({ value, recipe: of }) => ({ value, recipe: of, recipeDigest: digestOf(of) })),
    profile,
    await calibrationOn(store, profile),
    (of) => evidence.get(canonicalJson(of)),
  );
}
