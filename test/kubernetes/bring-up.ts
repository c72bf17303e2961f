import type { TestProject } from 'vitest/node';
import { builtFolder } from '../../ops/test-cluster/build.ts';
import { down, status, up } from '../../ops/test-cluster/cluster.ts';
import { KUBECONFIG } from '../../ops/test-cluster/layout.ts';
import { whyNoNode } from '../../ops/test-cluster/why-no-node.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why this machine runs no containers; empty where it does. */
    readonly whyNoNode: string;
  }
}

/** Before the cluster's tests: the test cluster is there. What was brought up here goes again, what ran before stays. */
export default async function bringUp(project: TestProject): Promise<() => Promise<void>> {
  if ((await builtFolder()) === undefined)
    throw new Error('the test cluster is not built; `npm run cluster -- up` does that (Go, minutes once)');
  process.env['KUBECONFIG'] = KUBECONFIG;
  const { controlPlane, node } = status();
  const ran = controlPlane.every(([, runs]) => runs);
  const nodeRan = node.every(([, runs]) => runs);
  project.provide('whyNoNode', nodeRan ? '' : ((await whyNoNode()) ?? ''));
  if (ran) return async () => undefined;
  try {
    await up((line) => console.error(`cluster: ${line}`));
  } catch (error) {
    await down();
    throw error;
  }
  return down;
}
