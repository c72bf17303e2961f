/**
 * What `job-templates/pod.yaml` itself gives every pod: a profile adds to it and may replace none of it. A test holds the
 * two against each other.
 */
export const TEMPLATE_VOLUMES: readonly string[] = ['work', 'spec', 'shm', 'run'];

/** By what lies there. */
export const TEMPLATE_MOUNTS: Readonly<Record<string, string>> = {
  '/var/lib/stint/work': 'the work volume',
  '/etc/stint': 'the job specification',
  '/dev/shm': 'shared memory',
  '/run/stint': "the trainer's signs of life",
};
/** Where the image has the trainer. */
export const CODE_FOLDER = '/opt/stint';

/** Of the trainer; a TrainJob calls it otherwise. */
export const TEMPLATE_CONTAINERS: readonly string[] = ['trainer', 'node'];

/** Set by the job template; a profile that sets one of them would split the stage contract in two. */
export const isOfTheContract = (variable: string): boolean =>
  /^(STINT_.*|JOB_COMPLETION_INDEX|MASTER_ADDR|MASTER_PORT|PYTHONUNBUFFERED|OMP_NUM_THREADS|TORCHELASTIC_ERROR_FILE)$/.test(
    variable,
  );

/** The volume of a profile's further claim. */
export const claimVolume = (index: number): string => `extra-${index}`;

/** Of those who write annotations of pods themselves: Stint, its queue, and what carries its pods. */
export const isWrittenByOthers = (annotation: string): boolean =>
  /^((stint\.dev|([\w-]+\.)*kueue\.x-k8s\.io|jobset\.sigs\.k8s\.io|batch\.kubernetes\.io|(\w+\.)*trainer\.kubeflow\.org)\/|kubernetes\.io\/config\.|cluster-autoscaler\.kubernetes\.io\/safe-to-evict$)/.test(
    annotation,
  );
