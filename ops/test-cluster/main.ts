// A real Kubernetes for tests, without a container engine: `npm run cluster -- build|up|down|status`.
import { endWithStarter } from '../../bin/stand-in.mjs';
import { SetupFault } from '../setup/tool.mjs';
import { build, builtFolder } from './build.ts';
import { allRun, down, status, up } from './cluster.ts';
import { KUBECONFIG, LOGS } from './layout.ts';
import { kubectl } from './manifests.ts';

endWithStarter();
// Whoever read the output has gone (`… status | head`).
process.stdout.on('error', () => undefined);
const say = (line: string): void => console.log(`cluster: ${line}`);
const COMMANDS: Readonly<Record<string, () => Promise<void>>> = {
  build: async () => say(`programs in ${await build(say)}`),
  up: async () => {
    const startedAt = performance.now();
    await up(say);
    say(`up after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    console.log(`export KUBECONFIG=${KUBECONFIG}`);
  },
  down: async () => {
    await down();
    say('down, and nothing of it is left');
  },
  status: tellStatus,
};

async function tellStatus(): Promise<void> {
  const bin = await builtFolder();
  console.log(bin === undefined ? 'not built: `npm run cluster -- up` builds it' : `programs in ${bin}`);
  const { controlPlane, node } = status();
  for (const [name, runs] of [...controlPlane, ...node])
    console.log(`${name.padEnd(24)} ${runs ? 'running' : 'not running'}`);
  console.log(`logs in ${LOGS}`);
  if (bin === undefined || !allRun(controlPlane)) return;
  for (const kind of ['nodes', 'clusterqueues'])
    console.log(`\n${(await kubectl(bin, ['get', kind])).stdout}`);
  console.log(`\nexport KUBECONFIG=${KUBECONFIG}`);
}

const [name = ''] = process.argv.slice(2);
try {
  const act = COMMANDS[name];
  if (!act) {
    const what = name === '' ? 'no command' : `unknown command "${name}"`;
    throw new SetupFault(what, `npm run cluster -- ${Object.keys(COMMANDS).join('|')}`);
  }
  await act();
} catch (error) {
  if (!(error instanceof SetupFault)) throw error;
  console.error(`error: ${error.message}\n  to do: ${error.todo}`);
  process.exitCode = 2;
}
