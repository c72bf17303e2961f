import { kubectl } from '../kubectl.ts';

/** As before maintenance: no new pods, and those of the namespace are evicted. */
export async function drainNode(node: string, namespace: string): Promise<void> {
  await kubectl(['cordon', node]);
  const pods = await kubectl([
    'get',
    'pods',
    `--namespace=${namespace}`,
    `--field-selector=spec.nodeName=${node}`,
    '--output=jsonpath={.items[*].metadata.name}',
  ]);
  // `kubectl drain` waits for the pods to be gone, which a finalizer of theirs may hold up.
  for (const pod of pods.split(' ').filter(Boolean)) await evict(namespace, pod);
}

export const uncordonNode = (node: string): Promise<string> => kubectl(['uncordon', node]);

const evict = (namespace: string, pod: string): Promise<string> =>
  kubectl(
    ['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`, '--filename=-'],
    JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } }),
  );
