import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { kueueApi, lineUpOf, requiring, versionOf } from '../../ops/test-cluster/line-up.ts';

const ROOT = 'ops/test-cluster';
const PROGRAMS = ['k8s.io/kubernetes', 'sigs.k8s.io/jobset', 'sigs.k8s.io/kueue', 'sigs.k8s.io/kwok'];

test('each version of Kubernetes has all programs, its own Kubernetes, and files of hashes for every module', () => {
  for (const version of readdirSync(`${ROOT}/kubernetes`)) {
    const lineUp = lineUpOf(version);
    expect(versionOf(lineUp, 'k8s.io/kubernetes')).toMatch(new RegExp(`^${version}\\.\\d+$`));
    for (const program of PROGRAMS) expect(versionOf(lineUp, program)).toMatch(/^\d+\.\d+\.\d+$/);
    for (const module of lineUp.modules) expect(existsSync(`${ROOT}/${module}/go.sum`)).toBe(true);
  }
});

test('controllers of its own come before those of the whole', () => {
  expect(versionOf(lineUpOf('1.31'), 'sigs.k8s.io/jobset')).toBe('0.10.1');
  expect(requiring(lineUpOf('1.31'), 'sigs.k8s.io/jobset')).toBe('kubernetes/1.31/controllers');
  expect(requiring(lineUpOf('1.31'), 'sigs.k8s.io/kwok')).toBe('kubernetes/1.36');
  expect(requiring(lineUpOf('1.37'), 'sigs.k8s.io/jobset')).toBe('kubernetes/1.36');
  expect(() => versionOf(lineUpOf('1.36'), 'example.org/none')).toThrow('example.org/none');
});

test('Kueue is told of queues in the newest words that it knows', () => {
  expect([kueueApi(lineUpOf('1.31')), kueueApi(lineUpOf('1.36'))]).toEqual(['v1beta1', 'v1beta2']);
});
