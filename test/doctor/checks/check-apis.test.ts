import { expect, it } from 'vitest';
import { checkApis, KUEUE, servedVersion } from '../../../orchestrator/doctor/checks/check-apis.ts';
import { there } from '../../../orchestrator/doctor/found.ts';
import type { Owner } from '../../../orchestrator/render/owner.ts';
import { NEEDS, troubles } from '../fixtures.ts';

const told = (owner: Owner, apis: readonly string[], queue = NEEDS.queue) =>
  checkApis({ ...NEEDS, owner, queue }, { apis: there(apis) });

it('says which are served, and which the profile can use', () => {
  const checks = told('jobset', [
    'jobset.x-k8s.io/v1alpha2',
    'kueue.x-k8s.io/v1beta2',
    'kueue.x-k8s.io/v1beta1',
  ]);
  expect(checks.map(({ what }) => what)).toEqual([
    "JobSet is there (jobset.x-k8s.io v1alpha2), and the profile's jobs can use it",
    "Kueue is there (kueue.x-k8s.io v1beta2, v1beta1), and the profile's queue can use it",
    'Kubeflow Trainer is not there, and this profile does not need it',
  ]);
});

it('needs nothing but Kubernetes for Jobs without a queue', () => {
  expect(troubles(checkApis({ ...NEEDS, owner: 'job', queue: undefined }, { apis: there([]) }))).toEqual([]);
});

it('says what is missing, by what it is needed, and how to install it or go without', () => {
  expect(troubles(told('jobset', []))).toMatchObject([
    {
      name: 'JobSet',
      level: 'problem',
      what: 'JobSet is not there, and the owner kind jobset needs it',
      todo: expect.stringMatching(
        /^kubectl apply --server-side -f \S+jobset\S+\nor choose `backend.owner: job`/,
      ) as string,
    },
    {
      name: 'Kueue',
      level: 'problem',
      what: 'Kueue is not there, and the queue team needs it',
      todo: expect.stringMatching(
        /^kubectl apply --server-side -f \S+kueue\S+\nor take backend.queue out/,
      ) as string,
    },
  ]);
  expect(troubles(told('trainjob', ['kueue.x-k8s.io/v1beta1'])).map(({ name }) => name)).toEqual([
    'JobSet',
    'Kubeflow Trainer',
  ]);
});

it('asks for an upgrade where the version is one that stint does not speak', () => {
  expect(troubles(told('job', ['kueue.x-k8s.io/v1alpha1']))).toMatchObject([
    {
      what: 'Kueue speaks kueue.x-k8s.io v1alpha1, and stint v1beta2 and v1beta1',
      todo: expect.stringContaining('upgrade it: kubectl apply') as string,
    },
  ]);
});

it('prefers the newer version of Kueue', () => {
  expect(servedVersion(KUEUE, ['kueue.x-k8s.io/v1beta1', 'kueue.x-k8s.io/v1beta2'])).toBe('v1beta2');
  expect(servedVersion(KUEUE, ['kueue.x-k8s.io/v1beta1'])).toBe('v1beta1');
  expect(servedVersion(KUEUE, ['kueue.x-k8s.io/v1alpha1'])).toBeUndefined();
});
