import { expect, it } from 'vitest';
import { rightsFor } from '../../../cluster/kubernetes/inspect/rights.ts';
import { checkRights } from '../../../orchestrator/doctor/checks/check-rights.ts';
import { there } from '../../../orchestrator/doctor/found.ts';
import { type Right, resourceName } from '../../../orchestrator/doctor/rights.ts';
import type { Owner } from '../../../orchestrator/render/owner.ts';
import { FORBIDDEN, NEEDS, troubles } from '../fixtures.ts';

const rights = rightsFor(NEEDS);
const name = (right: Right) => `${right.verb} ${resourceName(right)}`;
const without = (...denied: readonly string[]) =>
  checkRights({
    user: there('ann'),
    rights: there(
      rights.map((right) => ({
        right,
        allowed: !denied.includes(`${name(right)}${right.namespace ? '' : ' everywhere'}`),
      })),
    ),
  });

it('says that nothing is missing', () => {
  expect(without().map(({ level, what }) => [level, what])).toEqual([
    ['ok', 'you may do all 19 things that stint does in namespace training'],
    ['ok', 'you have the 8 that are optional, too'],
  ]);
});

it('names what is missing, and gives the role that fixes it, with all rights so that none is taken away', () => {
  const [check, ...more] = troubles(
    without('create jobsets.jobset.x-k8s.io', 'patch jobsets.jobset.x-k8s.io', 'watch pods'),
  );
  expect(more).toEqual([]);
  expect(check).toMatchObject({
    name: 'rights',
    level: 'problem',
    what: 'in namespace training you may not create and patch jobsets.jobset.x-k8s.io; watch pods',
  });
  const [said, command = ''] = check?.todo?.split('\n') ?? [];
  expect(said).toBe('let an administrator run:');
  const [, json = ''] = /^kubectl apply -f - <<< '(.*)'$/.exec(command) ?? [];
  const { items } = JSON.parse(json) as { items: readonly Record<string, unknown>[] };
  expect(items).toMatchObject([
    { kind: 'Role', metadata: { name: 'stint', namespace: 'training' } },
    {
      kind: 'RoleBinding',
      metadata: { name: 'stint-ann', namespace: 'training' },
      subjects: [{ kind: 'User', name: 'ann' }],
      roleRef: { kind: 'Role', name: 'stint' },
    },
  ]);
  expect(items[0]?.['rules']).toEqual([
    {
      apiGroups: ['jobset.x-k8s.io'],
      resources: ['jobsets'],
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'create', 'patch', 'delete'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'patch', 'delete'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    { apiGroups: ['kueue.x-k8s.io'], resources: ['workloads'], verbs: ['list', 'watch', 'patch'] },
  ]);
});

it.each([
  ['create pods', 'you may not create pods, which is optional: a dry run of a pod', '-n training'],
  ['get secrets', 'you may not get secrets, which is optional: whether the secrets are there', '-n training'],
  [
    'list nodes everywhere',
    'you may not list nodes of the cluster, which is optional: nodes, their devices',
    'can-i list nodes`',
  ],
  [
    'list pods everywhere',
    'you may not list pods of the cluster, which is optional: `stint nodes`',
    'can-i list pods`',
  ],
  [
    'patch nodes everywhere',
    'you may not patch nodes of the cluster, which is optional: a node that is lost',
    'can-i patch nodes`',
  ],
])('warns of what is lost without the right to %s', (right, what, todo) => {
  expect(troubles(without(right))).toMatchObject([
    {
      name: 'more rights',
      level: 'warning',
      what: expect.stringContaining(what) as string,
      todo: expect.stringContaining(todo) as string,
    },
  ]);
});

it('warns when the server does not review rights', () => {
  const found = FORBIDDEN('create selfsubjectaccessreviews');
  expect(checkRights({ user: there('ann'), rights: found })).toMatchObject([
    { name: 'rights', level: 'warning' },
  ]);
});

it('asks for what each owner kind takes, and for workloads only with a queue', () => {
  const of = (owner: Owner, queue = NEEDS.queue) =>
    new Set(rightsFor({ ...NEEDS, owner, queue, secrets: [] }).map(name));
  expect(of('trainjob')).toContain('create trainjobs.trainer.kubeflow.org');
  expect(of('trainjob')).not.toContain('get jobs.batch');
  expect(of('job')).toContain('create jobs.batch');
  expect(of('job')).toContain('patch workloads.kueue.x-k8s.io');
  expect(of('job')).toContain('create services');
  expect(of('jobset')).not.toContain('create services');
  expect(of('job')).not.toContain('get secrets');
  expect([...rightsFor({ ...NEEDS, queue: undefined })].map(resourceName)).not.toContain(
    'workloads.kueue.x-k8s.io',
  );
});
