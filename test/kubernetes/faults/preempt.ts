import { kubectl } from '../kubectl.ts';
import { simulatedJob } from '../simulated-job.ts';

/** Work of a higher priority takes all simulated devices of a queue; the returned function gives them back. */
export async function preempt(namespace: string, queue: string): Promise<() => Promise<void>> {
  const name = `preempts-${Date.now().toString(36)}`;
  await simulatedJob({ namespace, name, queue, priorityClass: 'training', pods: 2 });
  return async () => {
    await kubectl(['delete', 'job', name, `--namespace=${namespace}`]);
  };
}
