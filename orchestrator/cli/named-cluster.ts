import type { Submission } from '../contract/submission.ts';
import { isProfileFile, loadProfile, profileDocument } from '../documents/load-profile.ts';

/**
 * A cluster profile as it is named to whoever answers: by its name there, or, where it is a file of this machine, by what is in it.
 *
 * @throws StintError with file, line and field of what is wrong in the file.
 */
export async function namedCluster(cluster: string): Promise<Submission['cluster']> {
  if (!isProfileFile(cluster)) return cluster;
  // Read here first: only here it is known in which line something stands.
  await loadProfile(cluster);
  return profileDocument(cluster);
}
