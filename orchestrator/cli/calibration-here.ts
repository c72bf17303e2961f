import { calibrationOn } from '../controller/calibration-of.ts';
import { isStintError } from '../errors/stint-error.ts';
import { type CalibrationOf, UNCALIBRATED } from '../plan/calibration.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { CliContext } from './context.ts';
import { openWhereThereIsOne } from './open-where-there-is-one.ts';

/** What the finished runs of this home's store teach of the next one; nothing where nothing was launched yet. */
export async function calibrationHere(context: CliContext, profile: ClusterProfile): Promise<CalibrationOf> {
  try {
    const workplace = await openWhereThereIsOne(context);
    return workplace ? await calibrationOn(workplace.store, profile) : () => UNCALIBRATED;
  } catch (error) {
    // A plan needs no store, and what is wrong with it is another command's matter.
    if (!isStintError(error) || !error.problems.every(({ code }) => code.startsWith('store-'))) throw error;
    context.output.tell(
      `warning: planned without what finished runs have taught, because the store cannot be read: ${error.message} (${error.problems[0]?.where ?? context.store})`,
    );
    return () => UNCALIBRATED;
  }
}
