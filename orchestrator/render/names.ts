import { StintError } from '../errors/stint-error.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { Stage } from '../wire/job-spec.ts';
import type { Owner } from './owner.ts';

/**
 * A JobSet's pod is called <name>-node-0-<index>-<5 random characters>, in at most 63 characters, and a gang may have 10,000
 * pods. One limit for every owner, so that a run can be launched anywhere.
 */
const LONGEST_JOB_NAME = 63 - '-node-0-9999-x2j4k'.length;

/** The object that carries one stage of one attempt, and the headless Service of its pods. */
export function jobName(run: string, stage: Stage, attempt: number): string {
  return checked(`${run}-${stage}-a${attempt}`, run);
}

/** The ConfigMap that holds the run's job specification. */
export const configName = (run: string): string => checked(`${run}-spec`, run);

/** The name under which the other pods of a job reach one of them. */
export const podAddress = (owner: Owner, job: string, index: number): string =>
  owner === 'job' ? `${job}-${index}.${job}` : `${job}-node-0-${index}.${job}`;

/** The ClusterTrainingRuntime of a profile's stages with devices, or of those on processors. */
export const runtimeName = ({ name }: ClusterProfile, withDevices: boolean): string =>
  `stint-${name.replaceAll('.', '-')}-${withDevices ? 'devices' : 'processors'}`;

/** The run's folder on the shared volume. */
export const workSubPath = (run: string): string => `runs/${run}`;

/** The claim that stands for the shared volume on the local backend. */
export const LOCAL_VOLUME_CLAIM = 'work';

function checked(name: string, run: string): string {
  if (/^[a-z][-a-z0-9]*[a-z0-9]$/.test(name) && name.length <= LONGEST_JOB_NAME) return name;
  throw new StintError({
    code: 'bad-run-id',
    where: run,
    what: `the run id "${run}" makes the object name "${name}", which Kubernetes refuses`,
    why: `a name is a DNS label: a letter, then lower-case letters, digits and "-", at most ${LONGEST_JOB_NAME} characters here`,
    todo: 'use a shorter run id of such characters',
  });
}
