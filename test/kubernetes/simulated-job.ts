import { kubectl } from './kubectl.ts';

export interface SimulatedJob {
  readonly namespace: string;
  readonly name: string;
  readonly queue: string;
  readonly priorityClass?: string;
  /** Each fills a node of eight devices. */
  readonly pods: number;
  /** Steers the simulated pods; see ops/test-cluster/config/kwok-stages.yaml. They run until they are ended by default. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A Job of nobody's run on the simulated nodes. */
export async function simulatedJob({
  namespace,
  name,
  queue,
  priorityClass,
  pods,
  annotations = { 'sim/hang': 'true' },
}: SimulatedJob): Promise<void> {
  const resources = { cpu: '1', memory: '1Gi', 'nvidia.com/gpu': '8' };
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      labels: {
        'kueue.x-k8s.io/queue-name': queue,
        ...(priorityClass === undefined ? {} : { 'kueue.x-k8s.io/priority-class': priorityClass }),
      },
    },
    spec: {
      suspend: true,
      completionMode: 'Indexed',
      completions: pods,
      parallelism: pods,
      backoffLimit: 0,
      template: {
        metadata: { annotations },
        spec: {
          restartPolicy: 'Never',
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10_001,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'trainer',
              image: 'simulated',
              resources: { requests: resources, limits: resources },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      },
    },
  };
  await kubectl(['create', '--filename=-'], JSON.stringify(job));
}
