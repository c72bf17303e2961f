import { expect, it } from 'vitest';
import {
  failuresByNode,
  nodeUse,
  otherNodes,
  type PodUse,
  runOf,
  strayPods,
} from '../../orchestrator/doctor/node-use.ts';
import { NEEDS, node } from './fixtures.ts';

const pod = (name: string, change: Partial<PodUse> = {}): PodUse => ({
  name,
  namespace: 'training',
  node: 'n1',
  run: 'r1',
  team: undefined,
  project: undefined,
  devices: 8,
  terminating: false,
  ...change,
});
const use = (pods: readonly PodUse[], nodes = [node('n1')]) =>
  nodeUse({ nodes, pods, reservations: [], seesAllPods: true }, NEEDS, new Map([['n1', 2]]));

it('says by run who holds a node, others as other, and what is free', () => {
  const pods = [
    pod('a', { devices: 2 }),
    pod('b', { devices: 1 }),
    pod('c', { run: undefined, devices: 4 }),
    pod('no-devices', { devices: 0, run: 'r2' }),
    pod('elsewhere', { node: 'n2' }),
    pod('unbound', { node: '' }),
  ];
  expect(use(pods)).toEqual([
    {
      name: 'n1',
      state: 'ready',
      taints: ['nvidia.com/gpu:NoSchedule'],
      devices: 8,
      holders: [
        { run: 'other', devices: 4 },
        { run: 'r1', devices: 3 },
      ],
      free: 1,
      failures: 2,
    },
  ]);
});

it('lists the nodes that the profile’s selector takes, in order of their numbers, with their state', () => {
  const nodes = [
    node('n10', { cordoned: true }),
    node('n9', { ready: false }),
    node('lost-its-devices', { allocatable: { cpu: 4 }, ready: false, cordoned: true }),
    node('other-devices', { labels: {} }),
    node('plain', { labels: {}, allocatable: { cpu: 4 } }),
  ];
  expect(use([], nodes).map(({ name, state, devices }) => [name, state, devices])).toEqual([
    ['lost-its-devices', 'not ready, cordoned', 0],
    ['n9', 'not ready', 8],
    ['n10', 'ready, cordoned', 8],
  ]);
});

it('counts the other nodes with the device, and without a selector there are none', () => {
  const nodes = [
    node('n1'),
    node('a100', { labels: { gpu: 'A100' } }),
    node('plain', { labels: {}, allocatable: {} }),
  ];
  expect(otherNodes({ nodes }, NEEDS)).toBe(1);
  expect(otherNodes({ nodes }, { ...NEEDS, nodeSelector: {} })).toBe(0);
});

it('says whose a run is as far as its labels do', () => {
  expect(runOf({ run: 'r1', team: 'vision', project: 'ocr' })).toBe('r1 of vision/ocr');
  expect(runOf({ run: 'r1', team: undefined, project: undefined })).toBe('r1');
});

it('never counts less than nothing as free', () => {
  expect(use([pod('a'), pod('b')])[0]?.free).toBe(0);
});

it('finds pods that no run at work stands behind', () => {
  const pods = [
    pod('of-a-run', { run: 'works' }),
    pod('left', { run: 'rests' }),
    pod('foreign', { run: 'unheard-of', node: '' }),
    pod('of-others', { run: undefined }),
  ];
  const known = new Map([
    ['works', false],
    ['rests', true],
  ]);
  expect(strayPods(pods, known).map(({ name, why }) => [name, why])).toEqual([
    ['left', 'run is at rest'],
    ['foreign', 'run of another store'],
  ]);
});

it('counts for each node the failures that point to it', () => {
  const counted = failuresByNode([{ suspects: ['n1', 'n2', 'n1'] }, { suspects: ['n2'] }, { suspects: [] }]);
  expect([...counted]).toEqual([
    ['n1', 2],
    ['n2', 2],
  ]);
});
