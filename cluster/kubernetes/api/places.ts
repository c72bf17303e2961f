import { StintError } from '../../../orchestrator/errors/stint-error.ts';
import type { Manifest } from '../../../orchestrator/render/manifest.ts';

interface Resource {
  readonly plural: string;
  readonly scope: 'namespace' | 'cluster';
}

const namespaced = (plural: string): Resource => ({ plural, scope: 'namespace' });

const RESOURCES: Readonly<Record<string, Resource>> = {
  'v1 Service': namespaced('services'),
  'v1 ConfigMap': namespaced('configmaps'),
  'batch/v1 Job': namespaced('jobs'),
  'jobset.x-k8s.io/v1alpha2 JobSet': namespaced('jobsets'),
  'trainer.kubeflow.org/v1alpha1 TrainJob': namespaced('trainjobs'),
  'trainer.kubeflow.org/v1alpha1 ClusterTrainingRuntime': {
    plural: 'clustertrainingruntimes',
    scope: 'cluster',
  },
};

/** Paths of the API server within one namespace. */
export const podsIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;
export const configsIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps`;
export const eventsIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/events`;
export const servicesIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/services`;

const OWNERS = {
  job: '/apis/batch/v1/namespaces/*/jobs',
  jobset: '/apis/jobset.x-k8s.io/v1alpha2/namespaces/*/jobsets',
  trainjob: '/apis/trainer.kubeflow.org/v1alpha1/namespaces/*/trainjobs',
} as const;

export const OWNER_KINDS = ['trainjob', 'jobset', 'job'] as const satisfies readonly (keyof typeof OWNERS)[];

/** Where the objects lie that carry a stage's pods. */
export const ownersIn = (owner: keyof typeof OWNERS, namespace: string): string =>
  OWNERS[owner].replace('*', namespace);

/** @throws StintError `not-runnable-here` for a kind that no template renders */
export function placeOf({ apiVersion, kind, metadata }: Manifest, namespace: string): string {
  const resource = RESOURCES[`${apiVersion} ${kind}`];
  if (resource === undefined)
    throw new StintError({
      code: 'not-runnable-here',
      where: `${kind} ${metadata.name}`,
      what: `the Kubernetes backend knows no ${apiVersion} ${kind}`,
      why: `it knows: ${Object.keys(RESOURCES).join(', ')}`,
      todo: 'change the job template',
    });
  const root = `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}`;
  const scope = resource.scope === 'cluster' ? '' : `/namespaces/${metadata.namespace ?? namespace}`;
  return `${root}${scope}/${resource.plural}/${metadata.name}`;
}
