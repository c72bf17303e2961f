import { containerProcess } from './container-process.ts';

/** kill -9 of the first process of a pod's container on the real node, as a crash or the kernel would do it. */
export async function killContainer(namespace: string, pod: string): Promise<void> {
  process.kill(await containerProcess(namespace, pod), 'SIGKILL');
}
