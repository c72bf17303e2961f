// A real Kubernetes for tests, without a container engine: `npm run cluster -- up|down|status`.
import { endWithStarter } from '../../bin/stand-in.mjs';
import { down, status, up } from './cluster.ts';
import { KUBECONFIG, LOGS } from './layout.ts';

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
    console.log('cluster: down');
    break;
  case 'status':
    for (const [name, runs] of status())
      console.log(`${name.padEnd(24)} ${runs ? 'running' : 'not running'}`);
    console.log(`KUBECONFIG=${KUBECONFIG}, logs in ${LOGS}`);
    break;
  default:
    console.error(
      `error: ${command === '' ? 'no command' : `unknown command "${command}"`}\n  to do: npm run cluster -- up, down or status`,
    );
    process.exitCode = 2;
}
