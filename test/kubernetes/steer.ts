import { kubectl } from './kubectl.ts';

export interface Steering {
  readonly namespace: string;
  /** Of the pods that are steered. */
  readonly labels: Readonly<Record<string, string>>;
  /** What KWOK reads: ops/test-cluster/config/kwok-stages.yaml. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Kubernetes from 1.36 on serves the policies by which pods are steered. */
export async function canSteer(): Promise<boolean> {
  const served = await kubectl([
    'api-resources',
    '--api-group=admissionregistration.k8s.io',
    '--output=name',
  ]);
  return served.includes('mutatingadmissionpolicies.');
}

/**
 * Says how simulated pods will fare that are yet to be made, whoever makes them: the API server writes it into each. The
 * returned function ends that.
 */
export async function steer({ namespace, labels, annotations }: Steering): Promise<() => Promise<void>> {
  const name = `steer-${Date.now().toString(36)}`;
  // Every pod of an indexed job has annotations already.
  const patches = Object.entries(annotations).map(
    ([key, value]) =>
      `JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey(${cel(key)}), value: ${cel(value)}}`,
  );
  const version = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name } };
  const policy = {
    ...version,
    kind: 'MutatingAdmissionPolicy',
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        objectSelector: { matchLabels: labels },
      },
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: `[${patches.join(', ')}]` } }],
    },
  };
  const binding = { ...version, kind: 'MutatingAdmissionPolicyBinding', spec: { policyName: name } };
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [policy, binding] });
  await kubectl(['apply', '--server-side', '--filename=-'], list);
  return async () => {
    await kubectl(['delete', '--filename=-'], list);
  };
}

/** A string literal of CEL is written as one of JSON. */
const cel = (text: string): string => JSON.stringify(text);
