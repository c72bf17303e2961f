import { StintError } from '../errors/stint-error.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
}

/** Set by the job template; a profile that sets one of them would split the stage contract in two. */
const OF_THE_CONTRACT =
  /^(STINT_.*|JOB_COMPLETION_INDEX|MASTER_ADDR|MASTER_PORT|PYTHONUNBUFFERED|OMP_NUM_THREADS)$/;

/** The variables that depend on the cluster: its network's, and on processors the threads of each process. */
export function containerEnvironment(profile: ClusterProfile): readonly EnvironmentVariable[] {
  const network = Object.entries(profile.network.env).map(([name, value]) => ({ name, value }));
  const clash = network.find(({ name }) => OF_THE_CONTRACT.test(name));
  if (clash) {
    throw new StintError({
      code: 'environment-clash',
      blame: 'input',
      where: `network.env.${clash.name}`,
      what: `the cluster profile "${profile.name}" sets ${clash.name}, which the stage contract sets itself`,
      todo: 'remove it from the profile',
    });
  }
  if (profile.device.kind === 'gpu') return network;
  return [{ name: 'OMP_NUM_THREADS', value: String(threads(profile)) }, ...network];
}

function threads({ backend, node, devicesPerNode }: ClusterProfile): number {
  if (backend.kind === 'local') return backend.threadsPerProcess;
  return Math.max(1, Math.floor(node.cpus / devicesPerNode));
}
