import type { ClusterProfile } from '../profile/cluster-profile.ts';

export type EnvironmentVariable =
  | { readonly name: string; readonly value: string }
  | {
      readonly name: string;
      readonly valueFrom: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
    };

export const asVariables = (env: Readonly<Record<string, string>>): readonly EnvironmentVariable[] =>
  Object.entries(env).map(([name, value]) => ({ name, value }));

/**
 * On CUDA unless the profile says otherwise. A failed or late collective ends its process instead of hanging it; what NCCL
 * records of collectives, and where, is set by the container's first process, which also keeps it (trainer/supervise).
 */
const CUDA_DEFAULTS: Readonly<Record<string, string>> = {
  TORCH_NCCL_ASYNC_ERROR_HANDLING: '1',
  // Packed steps differ in length; without, each new size would leave a hole behind.
  PYTORCH_ALLOC_CONF: 'expandable_segments:True',
};

/**
 * The variables that depend on the cluster: its network's, its secrets', and those of the devices or of each process's
 * threads. None has a name twice: a profile that repeats one, or one of the job template's own, is refused when it is read.
 */
export function containerEnvironment(
  profile: ClusterProfile,
  withDevices: boolean,
): readonly EnvironmentVariable[] {
  const { backend, network, device } = profile;
  const secrets = backend.kind === 'kubernetes' ? backend.secrets : [];
  const defaults =
    device.kind === 'cpu' ? { OMP_NUM_THREADS: String(threads(profile)) } : withDevices ? CUDA_DEFAULTS : {};
  const plain = asVariables({ ...defaults, ...network.env });
  return [
    ...plain.filter(({ name }) => !secrets.some(({ env }) => env === name)),
    ...secrets.map(({ env, secret, key }) => ({
      name: env,
      valueFrom: { secretKeyRef: { name: secret, key } },
    })),
  ];
}

function threads({ backend, node, devicesPerNode }: ClusterProfile): number {
  if (backend.kind === 'local') return backend.threadsPerProcess;
  return Math.max(1, Math.floor(node.cpus / devicesPerNode));
}
