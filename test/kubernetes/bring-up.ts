import { builtFolder } from '../../ops/test-cluster/build.ts';
import { down, status, up } from '../../ops/test-cluster/cluster.ts';
import { KUBECONFIG } from '../../ops/test-cluster/layout.ts';

/** Before the cluster's tests: the test cluster is there. What was brought up here goes again, what ran before stays. */
export default async function bringUp(): Promise<() => Promise<void>> {
  if ((await builtFolder()) === undefined)
    throw new Error('the test cluster is not built; `npm run cluster -- up` does that (Go, minutes once)');
  process.env['KUBECONFIG'] = KUBECONFIG;
  const ran = status().controlPlane.every(([, runs]) => runs);
  if (!ran) await up((line) => console.error(`cluster: ${line}`));
  return async () => {
    if (!ran) await down();
  };
}
