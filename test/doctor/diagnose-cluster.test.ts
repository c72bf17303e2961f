import { expect, it } from 'vitest';
import { hasProblem } from '../../orchestrator/doctor/check.ts';
import type { ClusterFindings } from '../../orchestrator/doctor/cluster-findings.ts';
import { diagnoseCluster } from '../../orchestrator/doctor/diagnose-cluster.ts';
import { ABSENT, FORBIDDEN, NEEDS, troubles, WELL } from './fixtures.ts';

it('finds nothing on a cluster that has everything', () => {
  const checks = diagnoseCluster(NEEDS, WELL);
  expect(troubles(checks)).toEqual([]);
  expect(hasProblem(checks)).toBe(false);
  expect(checks.map(({ name }) => name)).toEqual([
    'server',
    'user',
    'JobSet',
    'Kueue',
    'Kubeflow Trainer',
    'rights',
    'more rights',
    'namespace',
    'pod security',
    'service account',
    'secret',
    'work volume',
    'volume',
    'work folder',
    'queue',
    'quota',
    'priority',
    'topology',
    'nodes',
    'level',
    'other stages',
    'image',
    'dry run',
  ]);
});

it('tells of a server that does not answer, and guesses at nothing behind it', () => {
  const unreached = [{ code: 'cluster-unreachable', what: 'no answer', todo: 'plug it in' }] as const;
  expect(diagnoseCluster(NEEDS, { unreached })).toEqual([
    { name: 'server', level: 'problem', what: 'no answer', todo: 'plug it in' },
  ]);
});

it('does not list what lies in a namespace that is not there', () => {
  const checks = diagnoseCluster(NEEDS, {
    ...WELL,
    namespace: ABSENT,
    serviceAccount: ABSENT,
    claims: { work: ABSENT, data: ABSENT },
    dryRuns: [
      {
        kind: 'Pod',
        refused: { code: 'cluster-not-found', what: 'it is not there', todo: 'x' },
      },
    ],
  });
  expect(troubles(checks)).toEqual([
    {
      name: 'namespace',
      level: 'problem',
      what: 'there is no namespace training',
      todo: expect.stringMatching(/^kubectl create namespace training\n/) as string,
    },
  ]);
});

it('warns of what it may not see, names the right, and claims nothing', () => {
  const hidden: ClusterFindings = {
    ...WELL,
    namespace: FORBIDDEN('get namespaces'),
    serviceAccount: FORBIDDEN('get serviceaccounts'),
    claims: { work: FORBIDDEN('get persistentvolumeclaims'), data: WELL.claims['data'] ?? ABSENT },
    secrets: { hub: FORBIDDEN('get secrets') },
    nodes: FORBIDDEN('list nodes'),
  };
  const told = troubles(diagnoseCluster(NEEDS, hidden));
  expect(told.map(({ name, level, what }) => [name, level, what])).toEqual([
    ['namespace', 'warning', 'namespace training cannot be looked at: you may not get namespaces'],
    [
      'service account',
      'warning',
      'service account trainer cannot be looked at: you may not get serviceaccounts',
    ],
    ['secret', 'warning', 'secret hub cannot be looked at: you may not get secrets'],
    [
      'work volume',
      'warning',
      'volume claim work cannot be looked at: you may not get persistentvolumeclaims',
    ],
    ['nodes', 'warning', 'nodes, devices and taints cannot be looked at: you may not list nodes'],
  ]);
  expect(told[4]?.todo).toBe('ask for the right to list nodes, or let somebody who has it run this');
});
