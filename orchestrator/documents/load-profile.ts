import { StintError } from '../errors/stint-error.ts';
import { type ClusterProfile, ClusterProfileSchema } from '../profile/cluster-profile.ts';
import { didYouMean } from '../recipe/did-you-mean.ts';
import { knownProfiles } from './known-profiles.ts';
import { readDocument, readLocated } from './read-document.ts';

/** It names a file, and not a profile that is known by name. */
export const isProfileFile = (cluster: string): boolean => /[/\\]|\.ya?ml$/.test(cluster);

/**
 * A cluster profile by the name of one that is known (`laptop`) or by the path of a file (`./my-cluster.yaml`).
 *
 * @param home - Whose `clusters` folder has profiles, too.
 * @throws StintError `no-such-cluster` with the names there are.
 */
export async function loadProfile(cluster: string, home?: string): Promise<ClusterProfile> {
  if (isProfileFile(cluster)) return readDocument(cluster, ClusterProfileSchema);
  const known = await knownProfiles(home);
  const file = known.get(cluster);
  if (file !== undefined) return readDocument(file, ClusterProfileSchema);
  const names = [...known.keys()];
  const guess = didYouMean(cluster, names);
  throw new StintError({
    code: 'no-such-cluster',
    where: '--cluster',
    what: `there is no cluster profile "${cluster}"`,
    why: `known profiles: ${names.toSorted().join(', ')}`,
    todo: guess
      ? `did you mean "${guess}"?`
      : 'name one of these, or give the path of your own profile (a .yaml file)',
  });
}

/** A profile as its file has it, after it was judged: sizes and durations are as somebody wrote them. @throws StintError as `readDocument`. */
export async function profileDocument(file: string): Promise<Readonly<Record<string, unknown>>> {
  const { written } = await readLocated(file, ClusterProfileSchema);
  return written as Readonly<Record<string, unknown>>;
}
