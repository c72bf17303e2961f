import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StintError } from '../errors/stint-error.ts';
import { type ClusterProfile, ClusterProfileSchema } from '../profile/cluster-profile.ts';
import { didYouMean } from '../recipe/did-you-mean.ts';
import { readDocument } from './read-document.ts';

const FOLDER = fileURLToPath(new URL('../../cluster/profiles/', import.meta.url));

/**
 * A cluster profile by the name of a shipped one (`laptop`) or by the path of a file (`./my-cluster.yaml`).
 *
 * @throws StintError `no-such-cluster` with the names there are.
 */
export async function loadProfile(cluster: string): Promise<ClusterProfile> {
  if (/[/\\]|\.ya?ml$/.test(cluster)) return readDocument(cluster, ClusterProfileSchema);
  const files = await readdir(FOLDER);
  const names = files.filter((file) => file.endsWith('.yaml')).map((file) => basename(file, '.yaml'));
  if (names.includes(cluster)) return readDocument(join(FOLDER, `${cluster}.yaml`), ClusterProfileSchema);
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
