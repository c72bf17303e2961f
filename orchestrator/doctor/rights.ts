import type { ClusterNeeds, Owner } from './needs.ts';

export interface Right {
  readonly verb: string;
  /** Empty for the core API. */
  readonly group: string;
  /** Plural, for example `pods` or `pods/log`. */
  readonly resource: string;
  /** Null for the whole cluster. */
  readonly namespace: string | null;
  /** Only for what is nice to have: what is lost without it. */
  readonly lost?: string;
}

const OWNER_RESOURCE: Readonly<Record<Owner, { readonly group: string; readonly resource: string }>> = {
  job: { group: 'batch', resource: 'jobs' },
  jobset: { group: 'jobset.x-k8s.io', resource: 'jobsets' },
  trainjob: { group: 'trainer.kubeflow.org', resource: 'trainjobs' },
};

/** Every right that stint uses on such a cluster. */
export function rightsFor(needs: ClusterNeeds): readonly Right[] {
  const { owner, namespace, queue, secrets, runtimes } = needs;
  const own = OWNER_RESOURCE[owner];
  const within = (group: string, resource: string, verbs: readonly string[]): readonly Right[] =>
    verbs.map((verb) => ({ verb, group, resource, namespace }));
  return [
    ...within(own.group, own.resource, ['get', 'list', 'watch', 'create', 'patch', 'delete']),
    ...within('', 'services', ['get', 'create', 'patch', 'delete']),
    ...within('', 'configmaps', ['get', 'create', 'patch', 'delete']),
    ...within('', 'pods', ['get', 'list', 'watch', 'patch', 'delete']),
    ...within('', 'pods/log', ['get']),
    ...(queue === undefined ? [] : within('kueue.x-k8s.io', 'workloads', ['get', 'list', 'watch', 'patch'])),
    {
      ...core('create', 'pods', namespace),
      lost: 'a dry run of a pod, which tries pod security and quotas, is left out here',
    },
    ...(secrets.length > 0
      ? [
          {
            ...core('get', 'secrets', namespace),
            lost: 'whether the secrets are there is not known before pods need them',
          },
        ]
      : []),
    ...['list', 'watch'].map((verb) => ({
      ...core(verb, 'events', namespace),
      lost: 'why no pods of a run come, as for want of quota, is not told',
    })),
    ...(runtimes.length > 0
      ? [
          {
            verb: 'get',
            group: own.group,
            resource: 'clustertrainingruntimes',
            namespace: null,
            lost: 'whether the installed runtimes are the ones that this stint renders is not known',
          },
        ]
      : []),
    {
      ...core('list', 'nodes', null),
      lost: 'nodes, their devices and taints are not looked at, here and by `stint nodes`',
    },
    {
      ...core('list', 'pods', null),
      lost: "`stint nodes` counts this namespace's pods only",
    },
    ...['get', 'patch'].map((verb) => ({
      ...core(verb, 'nodes', null),
      lost: 'a node that is lost cannot be tainted as out of service (backend.fenceLostNodes), so its pods hold a run until it is back or deleted',
    })),
  ];
}

const core = (verb: string, resource: string, namespace: string | null): Right => ({
  verb,
  group: '',
  resource,
  namespace,
});

/** `jobsets.jobset.x-k8s.io`, as kubectl names it. */
export const resourceName = ({ group, resource }: Pick<Right, 'group' | 'resource'>): string =>
  group === '' ? resource : `${resource}.${group}`;
