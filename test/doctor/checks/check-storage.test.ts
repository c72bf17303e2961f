import { expect, it } from 'vitest';
import { checkStorage } from '../../../orchestrator/doctor/checks/check-storage.ts';
import type { ClaimFinding } from '../../../orchestrator/doctor/cluster-findings.ts';
import { there } from '../../../orchestrator/doctor/found.ts';
import { ABSENT, NEEDS, troubles, WELL } from '../fixtures.ts';

const claim = (change: Partial<ClaimFinding> = {}) =>
  there({
    phase: 'Bound',
    accessModes: ['ReadWriteMany'],
    storageClass: 'shared',
    capacity: '10Ti',
    ...change,
  });
const on = (work: ReturnType<typeof claim>, pods = 2) =>
  troubles(checkStorage({ ...NEEDS, pods }, { ...WELL, claims: { ...WELL.claims, work } }));
const UNNAMED = { ...NEEDS, storageClass: undefined };
const data = (found: ReturnType<typeof claim>) =>
  troubles(checkStorage(NEEDS, { ...WELL, claims: { ...WELL.claims, data: found } }));

it('says how large a bound claim is and how it can be mounted', () => {
  expect(checkStorage(NEEDS, WELL)[0]?.what).toBe('volume claim work is bound (10Ti, shared, ReadWriteMany)');
});

it('makes a claim that is missing, in the only storage class there is', () => {
  const [check] = troubles(checkStorage(UNNAMED, { ...WELL, claims: { ...WELL.claims, work: ABSENT } }));
  expect(check).toMatchObject({
    name: 'work volume',
    level: 'problem',
    what: 'namespace training has no volume claim work',
  });
  const [command = '', classes] = check?.todo?.split('\n') ?? [];
  const [, json = ''] = /^kubectl apply -f - <<< '(.*)'$/.exec(command) ?? [];
  expect(JSON.parse(json)).toMatchObject({
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'work', namespace: 'training' },
    spec: { accessModes: ['ReadWriteMany'], storageClassName: 'shared' },
  });
  expect(classes).toBe('storage classes here: shared (nfs.example.com)');
});

it('leaves the choice among several storage classes, or none, to the reader', () => {
  const storageClasses = there(
    ['a', 'b'].map((name) => ({ name, provisioner: 'p', bindsOnFirstUse: false })),
  );
  const missing = { ...WELL.claims, data: ABSENT };
  const [several] = troubles(checkStorage(NEEDS, { ...WELL, claims: missing, storageClasses }));
  expect(several?.todo).toContain('"accessModes":["ReadOnlyMany"],"storageClassName":"STORAGE_CLASS"');
  expect(several?.todo).toContain('storage classes here: a (p) and b (p)');
  const [none] = troubles(checkStorage(NEEDS, { ...WELL, claims: missing, storageClasses: there([]) }));
  expect(none?.todo).toContain('storage classes here: none are known');
});

it('makes the work claim of the class that the profile names, and warns when it is of another', () => {
  const missing = { ...WELL, claims: { ...WELL.claims, work: ABSENT }, storageClasses: there([]) };
  expect(troubles(checkStorage({ ...NEEDS, storageClass: 'fast' }, missing))[0]?.todo).toContain(
    '"storageClassName":"fast"',
  );
  expect(troubles(checkStorage({ ...NEEDS, storageClass: 'fast' }, WELL))).toMatchObject([
    {
      name: 'work volume',
      level: 'warning',
      what: 'volume claim work is bound (10Ti, shared, ReadWriteMany), and the profile expects storage class fast',
    },
  ]);
});

it('tells a claim that waits for its first pod from one that waits for ever', () => {
  const waits = there([{ name: 'shared', provisioner: 'p', bindsOnFirstUse: true }]);
  const pending = { ...WELL.claims, work: claim({ phase: 'Pending' }) };
  expect(troubles(checkStorage(NEEDS, { ...WELL, claims: pending, storageClasses: waits }))).toMatchObject([
    {
      level: 'warning',
      what: 'volume claim work is not bound yet: storage class shared does it for the first pod',
    },
  ]);
  expect(on(claim({ phase: 'Pending' }))).toMatchObject([
    {
      level: 'problem',
      what: 'volume claim work is Pending, not Bound',
      todo: 'kubectl describe pvc work -n training',
    },
  ]);
  expect(on(claim({ phase: 'Pending', storageClass: 'fast' }))).toMatchObject([
    {
      what: 'volume claim work is Pending, not Bound: there is no storage class fast',
      todo: 'kubectl describe pvc work -n training\nstorage classes here: shared',
    },
  ]);
});

it('wants a volume that all nodes of a run can mount', () => {
  const single = claim({ accessModes: ['ReadWriteOnce'] });
  expect(on(single)).toMatchObject([
    { level: 'problem', what: expect.stringContaining('a run mounts it on 2 nodes at once') as string },
  ]);
  expect(on(single, 1)).toMatchObject([{ level: 'warning' }]);
  expect(on(claim({ accessModes: ['ReadOnlyMany'] }))).toMatchObject([{ level: 'problem' }]);
  expect(data(claim({ accessModes: ['ReadOnlyMany'] }))).toEqual([]);
  expect(data(claim({ accessModes: ['ReadWriteOnce'] }))).toMatchObject([
    { name: 'volume', level: 'problem' },
  ]);
});

it('says what is wrong with the work folder, and that there has to be one', () => {
  const seen = { ...WELL, workFolder: { trouble: 'EACCES: permission denied' } };
  expect(troubles(checkStorage(NEEDS, seen))).toEqual([
    {
      name: 'work folder',
      level: 'problem',
      what: '/mnt/work is of no use on this machine: EACCES: permission denied',
      todo: 'mount the volume of claim work there, or correct backend.workFolder',
    },
  ]);
  const none = checkStorage({ ...NEEDS, workFolder: undefined }, { ...WELL, workFolder: undefined });
  expect(troubles(none)).toMatchObject([
    {
      name: 'work folder',
      level: 'problem',
      todo: expect.stringMatching(/mount .* set backend\.workFolder/),
    },
  ]);
});
