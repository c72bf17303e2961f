import { type CalibrationOf, calibrate } from '../plan/calibration.ts';
import { modelKey, placeKey } from '../plan/calibration-keys.ts';
import type { Store } from '../ports/store.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';

/** What this store's finished runs say of the next one on a cluster. */
export async function calibrationOn(store: Store, profile: ClusterProfile): Promise<CalibrationOf> {
  const measured = (await store.runs.measured()).map(({ recipe, profile: place, predicted, actual }) => ({
    model: modelKey(recipe),
    place: placeKey(place, recipe),
    predicted,
    actual,
  }));
  return (recipe) => calibrate(measured, modelKey(recipe), placeKey(profile, recipe));
}
