import { expect, it } from 'vitest';
import { checkDryRuns } from '../../../orchestrator/doctor/checks/check-dry-runs.ts';
import type { DryRun } from '../../../orchestrator/doctor/cluster-findings.ts';
import type { Problem } from '../../../orchestrator/errors/stint-error.ts';
import { ABSENT, NEEDS, troubles, WELL } from '../fixtures.ts';

const told = (...dryRuns: readonly DryRun[]) => troubles(checkDryRuns(NEEDS, { ...WELL, dryRuns }));
const refused = (kind: string, problem: Partial<Problem>): DryRun => ({
  kind,
  refused: { code: 'refused-by-admission', what: 'no', todo: 'do it', ...problem },
});

it('says what the cluster would take', () => {
  expect(checkDryRuns(NEEDS, WELL)).toEqual([
    {
      name: 'dry run',
      level: 'ok',
      what: 'the cluster would take the ConfigMap, JobSet and Pod of a run; nothing was created',
    },
  ]);
  expect(checkDryRuns(NEEDS, { ...WELL, dryRuns: [] })).toEqual([]);
});

it('hands on what was refused and why', () => {
  expect(
    told({ kind: 'JobSet' }, refused('Pod', { what: 'images must be signed', todo: 'sign it' })),
  ).toEqual([
    {
      name: 'dry run',
      level: 'problem',
      what: 'a Pod would be refused: images must be signed',
      todo: 'sign it',
    },
  ]);
});

it('says whose webhook does not answer, and where to look for it', () => {
  const what =
    'the API server cannot serve this now: Internal error occurred: failed calling webhook "mjobset.kb.io": failed to call webhook: Post "https://jobset-webhook-service.jobset-system.svc:443/mutate?timeout=10s": no endpoints available';
  expect(told(refused('JobSet', { code: 'cluster-unavailable', what }))).toEqual([
    {
      name: 'dry run',
      level: 'problem',
      what: 'a JobSet cannot be created: the webhook mjobset.kb.io does not answer',
      todo: 'see that its controller runs, behind service jobset-webhook-service:\nkubectl get pods,endpointslices -n jobset-system',
    },
  ]);
  const elsewhere = 'failed calling webhook "m.kb.io": Post "https://127.0.0.1:1/mutate": refused';
  expect(told(refused('JobSet', { what: elsewhere }))[0]?.todo).toContain('kubectl get pods -A');
});

it('only warns where the server may do better in a while', () => {
  expect(told(refused('Pod', { code: 'cluster-unavailable' }))).toMatchObject([{ level: 'warning' }]);
});

it('does not repeat what other checks tell', () => {
  expect(
    told(refused('Pod', { code: 'cluster-forbidden' }), refused('JobSet', { code: 'cluster-not-found' })),
  ).toEqual([]);
  const account = refused('Pod', { what: 'error looking up service account a/b: not found' });
  expect(troubles(checkDryRuns(NEEDS, { ...WELL, serviceAccount: ABSENT, dryRuns: [account] }))).toEqual([]);
  expect(troubles(checkDryRuns(NEEDS, { ...WELL, dryRuns: [account] }))).toHaveLength(1);
});

it('finds that Kueue does not look at the kind', () => {
  expect(told({ kind: 'JobSet', heldBack: false })).toMatchObject([
    {
      name: 'queue',
      level: 'problem',
      what: 'Kueue does not look at a JobSet: it would start at once, past the queue team',
      todo: expect.stringContaining('put jobset.x-k8s.io/jobset into integrations.frameworks') as string,
    },
  ]);
});

it('says which runtime a TrainJob lacks', () => {
  const what =
    'the policy refuses this: spec.RuntimeRef: ClusterTrainingRuntime.trainer.kubeflow.org "stint-a" not found: specified clusterTrainingRuntime must be created before the TrainJob is created';
  expect(told(refused('TrainJob', { what }))).toMatchObject([
    {
      name: 'runtime',
      level: 'problem',
      what: "there is no ClusterTrainingRuntime stint-a, which the profile's TrainJobs name",
    },
  ]);
  const also = "the policy refuses this: runtime 'stint-a' not found";
  expect(told(refused('TrainJob', { what: also }))).toMatchObject([{ name: 'runtime' }]);
  const absent = { ...WELL, runtimes: { 'stint-a': ABSENT }, dryRuns: [refused('TrainJob', { what: also })] };
  expect(troubles(checkDryRuns(NEEDS, absent))).toEqual([]);
});

it('a field that an older controller does not know is told with whose it is', () => {
  const what =
    'the API server finds this invalid: failed to create typed patch object (ns/doctor-train-a1; trainer.kubeflow.org/v1alpha1, Kind=TrainJob): .spec.activeDeadlineSeconds: field not declared in schema';
  expect(told(refused('TrainJob', { what }))).toMatchObject([
    {
      level: 'problem',
      what: 'a TrainJob would be refused: the Kubeflow Trainer there does not know .spec.activeDeadlineSeconds',
      todo: expect.stringContaining('Kubeflow Trainer 2.3') as unknown,
    },
  ]);
});
