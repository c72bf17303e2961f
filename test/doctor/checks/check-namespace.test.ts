import { expect, it } from 'vitest';
import { checkNamespace } from '../../../orchestrator/doctor/checks/check-namespace.ts';
import { there } from '../../../orchestrator/doctor/found.ts';
import type { PodSecurity } from '../../../orchestrator/doctor/needs.ts';
import { NEEDS } from '../fixtures.ts';

const standard = (podSecurity: PodSecurity, enforced: string | undefined) => {
  const labels = enforced === undefined ? {} : { 'pod-security.kubernetes.io/enforce': enforced };
  const namespace = there({ labels, terminating: false });
  return checkNamespace({ ...NEEDS, podSecurity }, { namespace })[1];
};

it.each<[PodSecurity, string | undefined]>([
  ['restricted', undefined],
  ['restricted', 'restricted'],
  ['restricted', 'privileged'],
  ['baseline', 'baseline'],
  ['privileged', undefined],
  ['privileged', 'privileged'],
])('lets pods that meet %s into a namespace that enforces %s', (meets, enforced) => {
  expect(standard(meets, enforced)).toMatchObject({ name: 'pod security', level: 'ok' });
});

it.each<[PodSecurity, string]>([
  ['baseline', 'restricted'],
  ['privileged', 'restricted'],
  ['privileged', 'baseline'],
])('says that pods which only meet %s are refused where %s is enforced', (meets, enforced) => {
  expect(standard(meets, enforced)).toMatchObject({
    level: 'problem',
    what: `namespace training enforces ${enforced}, and this profile's pods only meet ${meets}`,
    todo: expect.stringMatching(
      `^kubectl label --overwrite namespace training pod-security.kubernetes.io/enforce=${meets}\n`,
    ) as string,
  });
});

it('warns of a standard that there is not', () => {
  expect(standard('restricted', 'strict')).toMatchObject({ level: 'warning' });
});

it('says that a namespace is being deleted', () => {
  expect(checkNamespace(NEEDS, { namespace: there({ labels: {}, terminating: true }) })).toMatchObject([
    { level: 'problem', what: expect.stringContaining('is being deleted') as string },
  ]);
});
