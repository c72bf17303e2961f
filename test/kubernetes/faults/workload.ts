import { kubectl, kubectlGet } from '../kubectl.ts';

interface Workload {
  readonly metadata: {
    readonly name: string;
    readonly ownerReferences?: readonly { readonly name: string }[];
  };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

/** What Kueue keeps of an owner object in its queue. */
export async function workloadOf(namespace: string, owner: string): Promise<Workload> {
  const { items } = (await kubectlGet('workloads', `--namespace=${namespace}`)) as unknown as {
    items: readonly Workload[];
  };
  const workload = items.find(({ metadata }) => metadata.ownerReferences?.some(({ name }) => name === owner));
  if (!workload) throw new Error(`Kueue has no workload of ${owner}`);
  return workload;
}

/** Whoever runs the queue takes a workload out of it: its owner is suspended and ends in no state of its own. */
export const deactivate = (namespace: string, owner: string): Promise<void> =>
  activity(namespace, owner, false);

export const activate = (namespace: string, owner: string): Promise<void> => activity(namespace, owner, true);

async function activity(namespace: string, owner: string, active: boolean): Promise<void> {
  const { metadata } = await workloadOf(namespace, owner);
  const patch = JSON.stringify({ spec: { active } });
  await kubectl([
    'patch',
    'workload',
    metadata.name,
    `--namespace=${namespace}`,
    '--type=merge',
    '--patch',
    patch,
  ]);
}
