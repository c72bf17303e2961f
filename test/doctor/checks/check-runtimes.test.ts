import { expect, test } from 'vitest';
import { checkRuntimes } from '../../../orchestrator/doctor/checks/check-runtimes.ts';
import { there } from '../../../orchestrator/doctor/found.ts';
import { FORBIDDEN } from '../fixtures.ts';

const spec = { template: { jobs: [{ name: 'node', codes: [64, 65] }], restarts: 3 } };
const RUNTIME = { apiVersion: 'v1', kind: 'ClusterTrainingRuntime', metadata: { name: 'r' }, spec };
const check = (found: Parameters<typeof checkRuntimes>[1]['runtimes'][string]) =>
  checkRuntimes([RUNTIME], { runtimes: { r: found } })[0];

test('a runtime is as rendered when it has all of that; defaults of the server may come to it', () => {
  expect(check(there(spec))).toMatchObject({ level: 'ok' });
  const withDefaults = { template: { ...spec.template, jobs: [{ ...spec.template.jobs[0], replicas: 1 }] } };
  expect(check(there(withDefaults))).toMatchObject({ level: 'ok' });
});

test('one that differs is a problem, and says where and how to fix it', () => {
  const other = { template: { jobs: [{ name: 'node', codes: [64] }] } };
  expect(check(there(other))).toEqual({
    name: 'runtime',
    level: 'problem',
    what: 'ClusterTrainingRuntime r is not as this stint renders it: spec.template.jobs[0].codes is [64], should be [64,65]; spec.template.restarts is nothing, should be 3',
    todo: 'an administrator installs it again, when no TrainJob uses it: stint render --runtime --cluster PROFILE | kubectl replace --force -f -',
  });
  const empty = check(there({}));
  expect(empty?.what).toMatch(/: spec\.template is nothing, should be /);
});

test('one that is not there, or cannot be seen, is told as such; where none is needed nothing is', () => {
  expect(check({ is: 'absent' })).toMatchObject({
    level: 'problem',
    todo: expect.stringContaining('once') as string,
  });
  expect(check(FORBIDDEN('get clustertrainingruntimes'))).toMatchObject({ level: 'warning' });
  expect(checkRuntimes([], { runtimes: {} })).toEqual([]);
});
