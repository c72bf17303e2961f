import type { Owner } from '../../render/owner.ts';
import { type Check, ok, problem } from '../check.ts';
import type { ClusterFindings } from '../cluster-findings.ts';
import { unseen } from '../found.ts';
import type { ClusterNeeds } from '../needs.ts';

interface Api {
  readonly product: string;
  readonly group: string;
  /** Those that stint speaks, the preferred one first. */
  readonly versions: readonly string[];
  readonly install: string;
}

export const KUEUE: Api = {
  product: 'Kueue',
  group: 'kueue.x-k8s.io',
  // Kueue 0.15 and later, and before.
  versions: ['v1beta2', 'v1beta1'],
  install:
    'kubectl apply --server-side -f https://github.com/kubernetes-sigs/kueue/releases/download/v0.19.2/manifests.yaml',
};
const JOBSET: Api = {
  product: 'JobSet',
  group: 'jobset.x-k8s.io',
  versions: ['v1alpha2'],
  install:
    'kubectl apply --server-side -f https://github.com/kubernetes-sigs/jobset/releases/download/v0.12.0/manifests.yaml',
};
const TRAINER: Api = {
  product: 'Kubeflow Trainer',
  group: 'trainer.kubeflow.org',
  versions: ['v1alpha1'],
  install:
    'kubectl apply --server-side -k "https://github.com/kubeflow/trainer.git/manifests/overlays/manager?ref=v2.3.0"',
};

/** What must be served for an owner; a Job is part of Kubernetes. */
const OF_OWNER: Readonly<Record<Owner, readonly Api[]>> = {
  job: [],
  jobset: [JOBSET],
  trainjob: [TRAINER, JOBSET],
};

/** The version to speak of those that are served. */
export const servedVersion = (api: Api, apis: readonly string[]): string | undefined =>
  api.versions.find((version) => apis.includes(`${api.group}/${version}`));

/** What the profile builds on is served, in a version that stint speaks; the rest is told. */
export function checkApis(needs: ClusterNeeds, { apis }: Pick<ClusterFindings, 'apis'>): readonly Check[] {
  if (apis.is === 'absent') return [];
  if (apis.is !== 'there') return [unseen('interfaces', 'which APIs the server has', apis)];
  const needed = [...OF_OWNER[needs.owner], ...(needs.queue === undefined ? [] : [KUEUE])];
  return [JOBSET, KUEUE, TRAINER].map((api) => checkApi(api, apis.value, needs, needed.includes(api)));
}

function checkApi(api: Api, apis: readonly string[], needs: ClusterNeeds, needed: boolean): Check {
  const { product, group, versions, install } = api;
  const served = apis.filter((each) => each.startsWith(`${group}/`)).map((each) => each.split('/')[1] ?? '');
  const use = needed ? `, and the profile's ${api === KUEUE ? 'queue' : 'jobs'} can use it` : '';
  if (servedVersion(api, apis) !== undefined)
    return ok(product, `${product} is there (${group} ${served.join(', ')})${use}`);
  if (!needed) return ok(product, `${product} is not there, and this profile does not need it`);
  const without =
    api === KUEUE
      ? 'or take backend.queue out of the profile'
      : 'or choose `backend.owner: job` in the profile';
  const by = api === KUEUE ? `the queue ${needs.queue?.name}` : `the owner kind ${needs.owner}`;
  return served.length === 0
    ? problem(product, `${product} is not there, and ${by} needs it`, `${install}\n${without}`)
    : problem(
        product,
        `${product} speaks ${group} ${served.join(', ')}, and stint ${versions.join(' and ')}`,
        `upgrade it: ${install}\n${without}`,
      );
}
