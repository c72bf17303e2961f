import type { ClusterNeeds } from '../../../orchestrator/doctor/needs.ts';
import type { Right } from '../../../orchestrator/doctor/rights.ts';
import type { Owner } from '../../../orchestrator/render/owner.ts';

/** Calls of one kind. */
export interface RightRow {
  /** Empty for the core API. */
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly of: 'namespace' | 'cluster';
  /** What stint does with it. */
  readonly does: string;
  /**
   * `needed`: every run takes it, and a launch is refused without it. `optional`: doctor says what is lost without it. `looked at`: asked for
   * where it may be seen, and whoever looks says what could not be looked at.
   */
  readonly need: 'needed' | 'optional' | 'looked at';
  /** Of what is optional. */
  readonly lost?: string;
  /** Default: on every cluster. */
  readonly where?: (needs: ClusterNeeds) => boolean;
}

const OWNERS: Readonly<Record<Owner, Pick<RightRow, 'group' | 'resource'>>> = {
  jobset: { group: 'jobset.x-k8s.io', resource: 'jobsets' },
  job: { group: 'batch', resource: 'jobs' },
  trainjob: { group: 'trainer.kubeflow.org', resource: 'trainjobs' },
};

const ofOwner = (owner: Owner): readonly RightRow[] => [
  {
    ...OWNERS[owner],
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    of: 'namespace',
    does: 'starts a stage as one of these, follows it, keeps it from making pods, and lets it go when its time is settled',
    need: 'needed',
    where: (needs) => needs.owner === owner,
  },
  {
    ...OWNERS[owner],
    verbs: ['list'],
    of: 'namespace',
    does: '`stint release` looks whether the run has any that another profile made',
    need: 'looked at',
    where: (needs) => needs.owner !== owner,
  },
];

const hasQueue = ({ queue }: ClusterNeeds): boolean => queue !== undefined;
const KUEUE = 'kueue.x-k8s.io';
const NODE_LOST =
  'a node that is lost cannot be tainted as out of service (backend.fenceLostNodes), so its pods hold a run until it is back or deleted';

const looked = (
  group: string,
  resource: string,
  row: Partial<RightRow> & Pick<RightRow, 'does'>,
): RightRow => ({
  group,
  resource,
  verbs: ['get'],
  of: 'namespace',
  need: 'looked at',
  ...row,
});

/** Every right that a call of this adapter takes, each once. The Role that doctor prescribes, what a launch requires and docs/rights.md are made from it. */
export const RIGHTS: readonly RightRow[] = [
  ...(['jobset', 'job', 'trainjob'] as const).flatMap(ofOwner),
  {
    group: '',
    resource: 'services',
    verbs: ['get', 'create', 'patch', 'delete'],
    of: 'namespace',
    does: 'gives the pods of an indexed Job names, and takes that away with it',
    need: 'needed',
    where: ({ owner }) => owner === 'job',
  },
  {
    group: '',
    resource: 'configmaps',
    verbs: ['get', 'create', 'patch', 'delete'],
    of: 'namespace',
    does: 'hands the job spec to the pods, and takes it away when no stage is left to come',
    need: 'needed',
  },
  {
    group: '',
    resource: 'pods',
    verbs: ['get', 'list', 'watch', 'patch', 'delete'],
    of: 'namespace',
    does: 'sees what becomes of pods, ends them, and lets them go when their time is settled',
    need: 'needed',
  },
  {
    group: '',
    resource: 'pods/log',
    verbs: ['get'],
    of: 'namespace',
    does: 'reads what pods say',
    need: 'needed',
  },
  {
    group: KUEUE,
    resource: 'workloads',
    verbs: ['list', 'watch', 'patch'],
    of: 'namespace',
    does: 'sees what the queue says, and takes a job out of it',
    need: 'needed',
    where: hasQueue,
  },
  {
    group: '',
    resource: 'pods',
    verbs: ['create'],
    of: 'namespace',
    does: 'doctor tries a pod (dry run): pods are made by the controllers of jobs, never by stint',
    need: 'optional',
    lost: 'a dry run of a pod, which tries pod security and quotas, is left out here',
  },
  {
    group: '',
    resource: 'secrets',
    verbs: ['get'],
    of: 'namespace',
    does: 'doctor looks whether the secrets that pods read are there',
    need: 'optional',
    lost: 'whether the secrets are there is not known before pods need them',
    where: ({ secrets }) => secrets.length > 0,
  },
  {
    group: '',
    resource: 'events',
    verbs: ['list', 'watch'],
    of: 'namespace',
    does: 'says why no pods come',
    need: 'optional',
    lost: 'why no pods of a run come, as for want of quota, is not told',
  },
  {
    group: 'trainer.kubeflow.org',
    resource: 'clustertrainingruntimes',
    verbs: ['get'],
    of: 'cluster',
    does: 'doctor compares the installed runtimes with those that stint renders',
    need: 'optional',
    lost: 'whether the installed runtimes are the ones that this stint renders is not known',
    where: ({ runtimes }) => runtimes.length > 0,
  },
  {
    group: '',
    resource: 'nodes',
    verbs: ['list'],
    of: 'cluster',
    does: 'doctor and `stint nodes` look at nodes, and a launch away from a bad node at those that are left',
    need: 'optional',
    lost: 'nodes, their devices and taints are not looked at, here and by `stint nodes`',
  },
  {
    group: '',
    resource: 'pods',
    verbs: ['list'],
    of: 'cluster',
    does: '`stint nodes` counts who holds which devices',
    need: 'optional',
    lost: "`stint nodes` counts this namespace's pods only",
  },
  {
    group: '',
    resource: 'nodes',
    verbs: ['get', 'patch'],
    of: 'cluster',
    does: 'declares a lost node to be off (`backend.fenceLostNodes`)',
    need: 'optional',
    lost: NODE_LOST,
  },
  looked('', 'services', { verbs: ['list'], does: '`stint release` finds those whose job is gone' }),
  looked('', 'configmaps', {
    verbs: ['list'],
    does: '`stint release` finds those that a run of another name left',
  }),
  looked('', 'namespaces', { does: 'doctor looks at its labels and its pod security' }),
  looked('', 'serviceaccounts', { does: 'doctor looks whether it is there' }),
  looked('', 'persistentvolumeclaims', { does: 'doctor looks at what the pods mount' }),
  looked('storage.k8s.io', 'storageclasses', {
    verbs: ['list'],
    of: 'cluster',
    does: 'doctor looks when claims are bound',
  }),
  looked(KUEUE, 'workloads', {
    verbs: ['list'],
    does: '`stint nodes` looks for quota that is held for nothing',
    where: (needs) => !hasQueue(needs),
  }),
  looked(KUEUE, 'localqueues', {
    verbs: ['get', 'list'],
    does: 'doctor looks at the queue',
    where: hasQueue,
  }),
  ...['clusterqueues', 'resourceflavors', 'topologies'].map((resource) =>
    looked(KUEUE, resource, {
      of: 'cluster',
      does: 'doctor looks where the queue leads to',
      where: hasQueue,
    }),
  ),
  looked(KUEUE, 'workloadpriorityclasses', {
    verbs: ['get', 'list'],
    of: 'cluster',
    does: 'doctor looks at the priority of runs',
    where: hasQueue,
  }),
];

/** Every right that a run uses on such a cluster, and those of which doctor says what is lost without them. */
export const rightsFor = (needs: ClusterNeeds): readonly Right[] =>
  RIGHTS.filter(({ need, where = () => true }) => need !== 'looked at' && where(needs)).flatMap(
    ({ group, resource, verbs, of, lost }) =>
      verbs.map((verb) => ({
        verb,
        group,
        resource,
        namespace: of === 'cluster' ? null : needs.namespace,
        ...(lost !== undefined && { lost }),
      })),
  );
