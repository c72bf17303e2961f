import type { Manifest } from '../../render/manifest.ts';
import { type Check, ok, problem } from '../check.ts';
import type { ClusterFindings } from '../cluster-findings.ts';
import { unseen } from '../found.ts';

/** Parts of one cannot be changed (Trainer 2.3: the failure policy), so it is deleted and made again. */
const INSTALL = 'stint render --runtime --cluster PROFILE | kubectl replace --force -f -';
/** Whoever reads them installs it again in any case. */
const SHOWN = 3;
/** Characters of a value. */
const LONGEST = 60;

/**
 * What TrainJobs name is installed as this version of stint renders it, for this profile: pods of an older one would run with
 * other rules for restarts and exit codes.
 *
 * @param rendered - The runtimes of the profile; none where its jobs are no TrainJobs.
 */
export function checkRuntimes(
  rendered: readonly Manifest[],
  { runtimes }: Pick<ClusterFindings, 'runtimes'>,
): readonly Check[] {
  return rendered.map(({ metadata: { name }, ...runtime }) => {
    const found = runtimes[name] ?? { is: 'unknown', why: 'it was not asked for' };
    if (found.is === 'absent')
      return problem(
        'runtime',
        `there is no ClusterTrainingRuntime ${name}, which the profile's TrainJobs name`,
        `an administrator installs it once: ${INSTALL}`,
      );
    if (found.is !== 'there') return unseen('runtime', `ClusterTrainingRuntime ${name}`, found);
    const differ = [...differences(runtime['spec'], found.value, 'spec')];
    if (differ.length === 0)
      return ok('runtime', `ClusterTrainingRuntime ${name} is as this stint renders it`);
    const more = differ.length > SHOWN ? `; and ${differ.length - SHOWN} more` : '';
    return problem(
      'runtime',
      `ClusterTrainingRuntime ${name} is not as this stint renders it: ${differ.slice(0, SHOWN).join('; ')}${more}`,
      `an administrator installs it again, when no TrainJob uses it: ${INSTALL}`,
    );
  });
}

/** Where the installed one lacks what was rendered, or has something else there; the server adds its defaults. */
function* differences(wanted: unknown, found: unknown, path: string): Generator<string> {
  if (Array.isArray(wanted) && Array.isArray(found) && wanted.length === found.length) {
    for (const [index, each] of wanted.entries()) yield* differences(each, found[index], `${path}[${index}]`);
  } else if (isObject(wanted) && isObject(found)) {
    for (const [key, each] of Object.entries(wanted)) yield* differences(each, found[key], `${path}.${key}`);
  } else if (wanted !== found) {
    yield `${path} is ${inShort(found)}, should be ${inShort(wanted)}`;
  }
}

function inShort(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
