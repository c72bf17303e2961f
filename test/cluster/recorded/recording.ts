import { existsSync, readFileSync } from 'node:fs';
import type { JsonObject } from '../../../cluster/kubernetes/api/client.ts';
import { FINALIZER, LABEL } from '../../../orchestrator/render/keys.ts';

const folder = new URL('../../../../shared/data/recorded/', import.meta.url);

export const hasRecordings = existsSync(new URL('success.jsonl', folder));
if (!hasRecordings) console.log('Skipped: the recorded watch streams are not at hand.');

/** As a watch of the API server told it. */
export interface RecordedChange {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly part: 'pods' | 'jobs' | 'workloads';
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
}

export interface KubernetesObject extends JsonObject {
  readonly metadata: {
    readonly uid: string;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
  };
}

/** Which resource carries the pods of a recording: what Stint applies and watches. */
export type OwnerResource = 'jobsets' | 'jobs' | 'trainjobs';

export const rawLines = (name: string): readonly string[] =>
  readFileSync(new URL(`${name}.jsonl`, folder), 'utf8')
    .split('\n')
    .filter((line) => line !== '');

/** The run that a job of a recording stands for. */
export const runOf = (job: string): string => `r-${job}`;

/**
 * The changes that a controller of Stint would have seen. The objects were made by hand, so they get what Stint's templates
 * write: its labels on the owner and on its pods, and on the pods its finalizer. (On the owner it would have changed the
 * recording "delete": there the finalizer keeps the owner, and with it its children.)
 */
export function readRecording(name: string, owner: OwnerResource): readonly RecordedChange[] {
  const parts: Readonly<Record<string, RecordedChange['part']>> = {
    pods: 'pods',
    [owner]: 'jobs',
    workloads: 'workloads',
  };
  return rawLines(name).flatMap((line): readonly RecordedChange[] => {
    const { at, resource, type, object } = JSON.parse(line);
    const part = parts[resource];
    return part === undefined ? [] : [{ at: Date.parse(at), part, type, object: marked(part, object) }];
  });
}

function marked(part: RecordedChange['part'], object: KubernetesObject): KubernetesObject {
  if (part === 'workloads') return object;
  const { labels = {}, finalizers = [], name } = object.metadata;
  const job =
    part === 'jobs'
      ? name
      : (labels['jobset.sigs.k8s.io/jobset-name'] ?? labels['batch.kubernetes.io/job-name'] ?? name);
  const ours = {
    [LABEL.run]: runOf(job),
    [LABEL.job]: job,
    [LABEL.stage]: 'train',
    [LABEL.attempt]: '1',
  };
  const kept = part === 'pods' ? [...finalizers, FINALIZER] : finalizers;
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...labels, ...ours }, finalizers: kept },
  };
}
