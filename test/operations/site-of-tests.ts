import type { Site } from '../../orchestrator/operations/desk.ts';
import { siteOf } from '../../orchestrator/operations/site-of.ts';
import { node } from '../doctor/fixtures.ts';
import { temporaryFolder } from '../store/fixtures.ts';

type Machine = Omit<Site, 'home' | 'uploads'>;

const pod = (name: string, run: string | undefined, team?: string) => ({
  name,
  namespace: 'training',
  node: 'n0',
  run,
  team,
  project: undefined,
  devices: 2,
  terminating: false,
});

/** From which everything can be launched, beside a machine that is well and a cluster that keeps pods of two stores. */
const MACHINE: Machine = {
  requireReady: async () => undefined,
  interrupt: new AbortController().signal,
  surveyMachine: async () => ({
    python: { version: '3.12.1', torch: '2.9.0' },
    cores: 2,
    memoryBytes: 16e9,
    home: '/home/ann/.stint',
    freeBytes: 100e9,
  }),
  surveyCluster: async () => ({
    unreached: [{ code: 'cluster-unreachable', what: 'no kubeconfig', todo: 'log in' }],
  }),
  readInventory: async () => ({
    nodes: [node('n0', { labels: { 'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3' } })],
    pods: [pod('a', 'r-of-red', 'red'), pod('b', 'r-elsewhere', 'blue'), pod('c', undefined)],
    reservations: [],
    seesAllPods: true,
  }),
  leftovers: (_, __, run) => ({
    find: async () => ({
      owners: [{ kind: 'JobSet', name: `${run}-train` }],
      pods: [{ uid: 'u1', name: 'a', node: 'n0', devices: 2, alive: true, gpuMilliseconds: 7_200_000 }],
    }),
    release: async () => undefined,
  }),
};

/** A home of its own on such a machine. */
export const siteOfTests = (home = temporaryFolder(), changes: Partial<Machine> = {}): Site =>
  siteOf(home, { ...MACHINE, ...changes });
