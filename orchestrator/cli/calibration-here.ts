import { calibrationOn } from '../controller/calibration-of.ts';
import { type CalibrationOf, UNCALIBRATED } from '../plan/calibration.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { CliContext } from './context.ts';
import { openWhereThereIsOne } from './open-where-there-is-one.ts';

/** What the finished runs of this home's store teach of the next one; nothing where nothing was launched yet. */
export async function calibrationHere(context: CliContext, profile: ClusterProfile): Promise<CalibrationOf> {
  const workplace = await openWhereThereIsOne(context);
  return workplace ? calibrationOn(workplace.store, profile) : () => UNCALIBRATED;
}
