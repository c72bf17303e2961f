import type { TestProject } from 'vitest/node';
import { builtFolder } from '../../ops/test-cluster/build.ts';
import { allRun, down, status, up } from '../../ops/test-cluster/cluster.ts';
import { KUBECONFIG, KUBERNETES } from '../../ops/test-cluster/layout.ts';
import { whyNoNode } from '../../ops/test-cluster/why-no-node.ts';
import { kubectl } from './kubectl.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why this machine runs no containers; empty where it does. */
    readonly whyNoNode: string;
  }
}

/**
 * Before the cluster's tests: the test cluster is there, and of the version that is meant. What was brought up here goes again,
 * what ran before stays. Whoever names a version has it built, too.
 */
export default async function bringUp(project: TestProject): Promise<() => Promise<void>> {
  if ((await builtFolder()) === undefined && process.env['STINT_TEST_KUBERNETES'] === undefined)
    throw new Error('the test cluster is not built; `npm run cluster -- up` does that (Go, minutes once)');
  process.env['KUBECONFIG'] = KUBECONFIG;
  const { controlPlane, node } = status();
  const ran = allRun(controlPlane);
  const nodeRan = allRun(node);
  project.provide('whyNoNode', nodeRan ? '' : ((await whyNoNode()) ?? ''));
  if (ran) {
    const serves = await kubectl(['version', '--output=json']);
    if (!serves.includes(`"gitVersion": "v${KUBERNETES}.`))
      throw new Error(
        `a test cluster of another version than ${KUBERNETES} runs; end it: npm run cluster -- down`,
      );
    return async () => undefined;
  }
  try {
    await up((line) => console.error(`cluster: ${line}`));
  } catch (error) {
    await down();
    throw error;
  }
  return down;
}
