import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/**
 * The profile h100-16 as a file would have it, for two pods of one device on the simulated nodes of a bench: they never end, and nothing
 * on them is measured.
 */
export function benchProfile(workFolder: string): Record<string, unknown> {
  const { floors: _, ...profile } = parse(readFileSync('cluster/profiles/h100-16.yaml', 'utf8'));
  return {
    ...profile,
    devicesPerNode: 1,
    node: { cpus: 8, memory: '64GiB', sharedMemory: '256MiB' },
    network: { ...profile.network, resources: {} },
    grace: '5s',
    backend: {
      ...profile.backend,
      workFolder,
      nodeSelector: { 'sim/bench': 'true' },
      queue: { name: 'bench' },
      // There are no nodes without devices for the stages that need none.
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
      pod: { annotations: { 'sim/hang': 'true' } },
    },
  };
}
