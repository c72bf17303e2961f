import { ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';

/** The real node of `ops/test-cluster`: two of these pods fit on it at once. */
export const REAL = ClusterProfileSchema.parse({
  kind: 'ClusterProfile',
  name: 'test-real',
  backend: {
    kind: 'kubernetes',
    namespace: 'stint-test',
    owner: 'job',
    onePodPerNode: false,
    volumeClaim: 'stint-work',
    nodeSelector: { 'kubernetes.io/hostname': 'real-0' },
    tolerations: [{ key: 'real', effect: 'NoSchedule' }],
    volumes: [{ claim: 'site-packages', mountPath: '/opt/site-packages' }],
    images: { trainer: 'test.local/trainer:test', allowTags: true },
  },
  nodes: 1,
  devicesPerNode: 8,
  device: { kind: 'gpu', model: 'simulated', memory: '1GiB', peakTflops: 0.1, resource: 'nvidia.com/gpu' },
  node: { cpus: 1, memory: '1GiB', sharedMemory: '64MiB' },
  network: { ringGBps: 1, nodeGBps: 1 },
  price: { currency: 'USD', perDeviceHour: 2.5, source: 'a test' },
  startup: '8s',
  grace: '10s',
});
