import { expect, test } from 'vitest';
import { rightsOf, spokenRight } from '../../cluster/kubernetes/api/rights-of.ts';

const APPLY = { method: 'PATCH', contentType: 'application/apply-patch+yaml' } as const;

test.each([
  [{ path: '/api/v1/nodes' }, ['list nodes of the cluster']],
  [{ path: '/api/v1/nodes/n' }, ['get nodes of the cluster']],
  [{ path: '/api/v1/namespaces/n' }, ['get namespaces in n']],
  [{ path: '/api/v1/namespaces' }, ['list namespaces of the cluster']],
  [{ path: '/api/v1/namespaces/n/pods' }, ['list pods in n']],
  [{ path: '/api/v1/namespaces/n/pods', query: { watch: true } }, ['watch pods in n']],
  [{ path: '/api/v1/namespaces/n/pods/p' }, ['get pods in n']],
  [{ path: '/api/v1/namespaces/n/pods/p/log' }, ['get pods/log in n']],
  [{ method: 'DELETE', path: '/api/v1/namespaces/n/pods/p' }, ['delete pods in n']],
  [
    { ...APPLY, path: '/apis/jobset.x-k8s.io/v1alpha2/namespaces/n/jobsets/j' },
    ['patch jobsets.jobset.x-k8s.io in n', 'create jobsets.jobset.x-k8s.io in n'],
  ],
  [
    {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      path: '/apis/batch/v1/namespaces/n/jobs/j',
    },
    ['patch jobs.batch in n'],
  ],
  [
    { method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews' },
    ['create selfsubjectaccessreviews.authorization.k8s.io of the cluster'],
  ],
  [{ path: '/version' }, []],
  [{ path: '/apis' }, []],
  [{ path: '/apis/kueue.x-k8s.io/v1beta2' }, []],
] as const)('%j takes %j', (call, rights) => {
  const said = rightsOf(call).map(
    ({ verb, group, resource, namespace }) =>
      `${verb} ${[resource, group].filter(Boolean).join('.')} ${namespace === null ? 'of the cluster' : `in ${namespace}`}`,
  );
  expect(said).toEqual(rights);
});

test('what a person is told to ask for has the verb and the resource', () => {
  expect(spokenRight({ path: '/api/v1/namespaces/n/pods/p' })).toBe('get pods');
  expect(spokenRight({ path: '/apis' })).toBe('get /apis');
});
