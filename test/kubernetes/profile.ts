import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type ClusterProfile, ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';
import type { KubernetesBackend } from '../../orchestrator/profile/kubernetes-backend.ts';

/** The real node of `ops/test-cluster`, as `stint launch` is given it. */
export const TEST_REAL_PATH = join(import.meta.dirname, 'test-real.yaml');
const asLaunched = ClusterProfileSchema.parse(parse(readFileSync(TEST_REAL_PATH, 'utf8')));
if (asLaunched.backend.kind !== 'kubernetes') throw new Error(`${TEST_REAL_PATH} is no Kubernetes`);
/** It, as the controller is given it. */
export const AS_LAUNCHED: ClusterProfile = asLaunched;
const { queue: _, ...withoutQueue } = asLaunched.backend;

/** The same node for the adapter's own tests: away from runs, straight to the scheduler, and with devices to count. */
export const realWith = (owner: KubernetesBackend['owner']): ClusterProfile => ({
  ...asLaunched,
  backend: { ...withoutQueue, namespace: 'stint-test', owner },
  nodes: 1,
  devicesPerNode: 8,
  device: { ...asLaunched.device, kind: 'gpu', model: 'simulated', resource: 'nvidia.com/gpu' },
  node: { cpus: 1, memory: 2 ** 30, sharedMemory: 2 ** 26 },
  grace: 10,
});
export const REAL = realWith('job');
