import { ctr } from '../../../ops/test-cluster/real-node.ts';
import { kubectl } from '../kubectl.ts';

/** kill -9 of the first process of a pod's container on the real node, as a crash or the kernel would do it. */
export async function killContainer(namespace: string, pod: string): Promise<void> {
  const id = await kubectl([
    'get',
    'pod',
    pod,
    `--namespace=${namespace}`,
    '--output=jsonpath={.status.containerStatuses[0].containerID}',
  ]);
  process.kill(await pidOf(id.replace('containerd://', '')), 'SIGKILL');
}

async function pidOf(container: string): Promise<number> {
  const { stdout } = await ctr('tasks', 'ls');
  const [, pid] =
    stdout
      .split('\n')
      .map((line) => line.split(/\s+/))
      .find(([id]) => id === container) ?? [];
  if (pid === undefined || pid === '0') throw new Error(`the container ${container} does not run`);
  return Number(pid);
}
