import { StintError } from '../errors/stint-error.ts';
import type { Stage } from '../wire/job-spec.ts';

/** A pod is called <job>-<index>-<5 random characters>, in at most 63 characters; a job may have 10,000 pods. */
const LONGEST_JOB_NAME = 63 - '-9999-x2j4k'.length;

/** The job of one stage of one attempt, and the headless Service of its pods. */
export function jobName(run: string, stage: Stage, attempt: number): string {
  return checked(`${run}-${stage}-a${attempt}`, run);
}

/** The ConfigMap that holds the run's job specification. */
export const configName = (run: string): string => checked(`${run}-spec`, run);

/** The name under which the other pods of a job reach one of them. */
export const podAddress = (job: string, index: number): string => `${job}-${index}.${job}`;

/** The run's folder on the shared volume. */
export const workSubPath = (run: string): string => `runs/${run}`;

/** The claim that stands for the shared volume on the local backend. */
export const LOCAL_VOLUME_CLAIM = 'work';

function checked(name: string, run: string): string {
  if (/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name) && name.length <= LONGEST_JOB_NAME) return name;
  throw new StintError({
    code: 'bad-run-id',
    blame: 'input',
    where: run,
    what: `the run id "${run}" makes the object name "${name}", which Kubernetes refuses`,
    why: `a name is a DNS label: a letter, then lower-case letters, digits and "-", at most ${LONGEST_JOB_NAME} characters here`,
    todo: 'use a shorter run id of such characters',
  });
}
