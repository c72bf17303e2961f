import type { Caller } from '../contract/caller.ts';
import type { Submission } from '../contract/submission.ts';
import { digestOf } from '../documents/digest.ts';
import { knownProfiles } from '../documents/known-profiles.ts';
import { isProfileFile, loadProfile } from '../documents/load-profile.ts';
import { StintError } from '../errors/stint-error.ts';
import { type ClusterProfile, ClusterProfileSchema } from '../profile/cluster-profile.ts';
import { formatPath } from '../recipe/field-path.ts';
import { issueProblem } from '../recipe/issue-problem.ts';
import { parseDocument } from '../recipe/parse-document.ts';
import { priced } from './priced-profile.ts';

/**
 * The profile that a submission names or holds, with today's price by this home's book.
 *
 * @throws StintError `no-such-cluster`, and as `priced` does.
 */
export async function submittedProfile(
  { cluster }: Pick<Submission, 'cluster'>,
  home: string,
  now: number,
): Promise<ClusterProfile> {
  return priced(await submittedCluster({ cluster }, home), home, now);
}

/** The same with the price that the profile lists. @throws StintError `no-such-cluster`. */
export async function submittedCluster(
  { cluster }: Pick<Submission, 'cluster'>,
  home: string,
): Promise<ClusterProfile> {
  // A name is a name here, and no path of this machine.
  if (typeof cluster !== 'string') return read(cluster);
  if (isProfileFile(cluster)) throw isPath(cluster);
  return loadProfile(cluster, home);
}

/**
 * A profile says whose credentials are used, what image runs and into which folder is written, so only an admin may bring one.
 *
 * @throws StintError `cluster-not-yours`.
 */
export async function requireKnown(
  { cluster }: Pick<Submission, 'cluster'>,
  { name, role }: Caller,
  home: string,
): Promise<void> {
  if (typeof cluster === 'string' || role === 'admin') return;
  const names = [...(await knownProfiles(home)).keys()];
  const known = await Promise.all(names.map((each) => loadProfile(each, home).catch(() => null)));
  const digest = digestOf(read(cluster));
  if (known.some((profile) => profile !== null && digestOf(profile) === digest)) return;
  throw new StintError({
    code: 'cluster-not-yours',
    where: '--cluster',
    what: `"${name}" is no admin, and this profile is none that the server knows`,
    why: `a profile decides on credentials, images and folders; the server knows ${names.toSorted().join(', ')}`,
    todo: 'name one of these, or ask who runs the server to put it into the folder `clusters` of its home',
  });
}

/** @throws StintError with a problem for each field that does not fit. */
function read(document: unknown): ClusterProfile {
  const parsed = parseDocument(ClusterProfileSchema, document);
  if (parsed.ok) return parsed.value;
  throw new StintError(
    parsed.issues.map((issue) => issueProblem(issue, formatPath(['cluster', ...issue.path]))),
  );
}

const isPath = (cluster: string): StintError =>
  new StintError({
    code: 'no-such-cluster',
    where: 'cluster',
    what: `${JSON.stringify(cluster)} is a path, and files are read where the recipe is`,
    todo: 'send the profile itself, or the name of one that the server knows',
  });
