// A real Kubernetes for tests, without a container engine: `npm run cluster -- up|down|status`.
import { endWithStarter } from '../../bin/stand-in.mjs';
import { builtFolder } from './build.ts';
import { down, status, up } from './cluster.ts';
import { KUBECONFIG, LOGS } from './layout.ts';
import { kubectl } from './manifests.ts';

endWithStarter();
const [command = ''] = process.argv.slice(2);
switch (command) {
  case 'up': {
    const startedAt = performance.now();
    await up((line) => console.log(`cluster: ${line}`));
    console.log(`cluster: up after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    console.log(`export KUBECONFIG=${KUBECONFIG}`);
    break;
  }
  case 'down':
    await down();
    console.log('cluster: down, and nothing of it is left');
    break;
  case 'status':
    await tellStatus();
    break;
  default:
    console.error(
      `error: ${command === '' ? 'no command' : `unknown command "${command}"`}\n  to do: npm run cluster -- up, down or status`,
    );
    process.exitCode = 2;
}

async function tellStatus(): Promise<void> {
  const bin = await builtFolder();
  console.log(bin === undefined ? 'not built: `npm run cluster -- up` builds it' : `programs in ${bin}`);
  const { controlPlane, node } = status();
  for (const [name, runs] of [...controlPlane, ...node])
    console.log(`${name.padEnd(24)} ${runs ? 'running' : 'not running'}`);
  console.log(`logs in ${LOGS}`);
  if (bin === undefined || !controlPlane.every(([, runs]) => runs)) return;
  for (const kind of ['nodes', 'clusterqueues'])
    console.log(`\n${(await kubectl(bin, ['get', kind])).stdout}`);
  console.log(`\nexport KUBECONFIG=${KUBECONFIG}`);
}
