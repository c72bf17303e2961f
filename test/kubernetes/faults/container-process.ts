import { ctr } from '../../../ops/test-cluster/real-node.ts';
import { kubectl } from '../kubectl.ts';

/** Process id, on this machine, of the first process of a pod's container on the real node. */
export async function containerProcess(namespace: string, pod: string): Promise<number> {
  const id = await kubectl([
    'get',
    'pod',
    pod,
    `--namespace=${namespace}`,
    '--output=jsonpath={.status.containerStatuses[0].containerID}',
  ]);
  const container = id.replace('containerd://', '');
  const { stdout } = await ctr('tasks', 'ls');
  const [, pid] =
    stdout
      .split('\n')
      .map((line) => line.split(/\s+/))
      .find(([task]) => task === container) ?? [];
  if (pid === undefined || pid === '0') throw new Error(`the container ${container} does not run`);
  return Number(pid);
}
