import { join } from 'node:path';

/**
 * Folders of the local backend. A pod's folder holds facts that are each written once and never changed:
 *
 *   runs/<run>/<job>/<index>/   pod.json  launch.json  start.json  end.json  output.log  termination-log
 *   runs/<run>/bell             written after each change of a pod of the run
 *   volumes/<claim>/            stands for the volume behind a claim
 *   config/<name>/              files of a ConfigMap
 */
export const runFolder = (root: string, run: string): string => join(root, 'runs', run);
export const jobFolder = (root: string, run: string, job: string): string => join(runFolder(root, run), job);
export const configFolder = (root: string, name: string): string => join(root, 'config', name);

/** Where a folder of a claim's volume lies on this machine. */
export const volumeFolder = (root: string, claim: string, subPath: string): string =>
  join(root, 'volumes', claim, subPath);

export const POD = 'pod.json';
export const LAUNCH = 'launch.json';
export const START = 'start.json';
export const END = 'end.json';
/** A wish that the pod end sooner than after its own grace period. */
export const STOP = 'stop.json';
export const OUTPUT = 'output.log';
export const SUPERVISOR_LOG = 'supervisor.log';
export const TERMINATION_LOG = 'termination-log';
/** Holds the pod's emptyDir volumes and its TMPDIR; gone when the pod has ended. */
export const TEMPORARY = 'tmp';
/** In the job's folder: one of its pods has failed, so none may start. */
export const JOB_FAILED = 'failed';
