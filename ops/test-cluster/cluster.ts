import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, KUEUE_API } from './build.ts';
import { makeCertificates, WEBHOOK_KEYS } from './certificates.ts';
import { fill, KUBECONFIG, LOGS, NODE, PORTS, RUN, SOURCE, workOf } from './layout.ts';
import { leftovers } from './leftovers.ts';
import { apply, applyControllerManifests, kubectl } from './manifests.ts';
import { type Controller, controllerConfig, ETC, type PartName, parts, temporaryFolderOf } from './parts.ts';
import { NODE_PARTS, nodeDown, nodeUp } from './real-node.ts';
import { isRunning, start, stop } from './service.ts';
import { whyNoNode } from './why-no-node.ts';

const CONTROLLERS: readonly Controller[] = ['jobset', 'kueue', 'trainer'];
/** Ended in waves: an API server whose etcd is gone does not end. */
const WAVES: readonly (readonly PartName[])[] = [
  ['trainer', 'kueue', 'jobset', 'kwok', 'kube-scheduler', 'kube-controller-manager'],
  ['kube-apiserver'],
  ['etcd'],
];

/** From whatever is there to a working cluster with two simulated nodes; returns how to reach it. */
export async function up(say: (line: string) => void): Promise<string> {
  const bin = await build(say);
  const all = parts(bin);
  const begin = async (name: PartName) => {
    const startedAt = performance.now();
    await start(all[name]);
    say(`${name.padEnd(24)} ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  };
  prepareFolders();
  await makeCertificates();
  await begin('etcd');
  await begin('kube-apiserver');
  await applyControllerManifests(bin);
  say('definitions and webhooks applied');
  await Promise.all(
    (['kube-controller-manager', 'kube-scheduler', 'kwok', ...CONTROLLERS] as const).map(begin),
  );
  // Kueue's own webhook must answer before a ResourceFlavor can be made.
  const work = workOf('training');
  mkdirSync(work, { recursive: true });
  const simulated = readFileSync(join(SOURCE, 'objects', 'simulated.yaml'), 'utf8');
  await apply(bin, fill(simulated, { WORK: work, KUEUE_API }));
  const why = await whyNoNode();
  if (why === undefined) await nodeUp(bin, say);
  else say(`no real node: ${why}`);
  // Whoever comes first finds them bound as whoever comes last does.
  const bound = '--for=jsonpath={.status.phase}=Bound';
  await kubectl(bin, ['wait', 'persistentvolumeclaims', '--all', '--all-namespaces', bound, '--timeout=60s']);
  return KUBECONFIG;
}

/**
 * Ends everything and forgets the cluster's state; the programs, images, certificates and logs stay for the next `up`.
 *
 * @throws Error when something of the cluster is still on the machine
 */
export async function down(): Promise<void> {
  const hadNode = existsSync(NODE);
  await nodeDown();
  for (const wave of WAVES) await stop(wave);
  for (const folder of ['etcd', 'etc', 'tmp', 'node', 'work'])
    rmSync(join(RUN, folder), { recursive: true, force: true });
  const left = await leftovers(hadNode);
  if (left.length > 0) throw new Error(`the cluster has left something behind:\n${left.join('\n')}`);
}

/** Whether each program of the cluster runs, in the order of their starts. */
export function status(): { readonly controlPlane: Running; readonly node: Running } {
  const running = (names: readonly string[]): Running =>
    names.map((name) => [name, isRunning(name)] as const);
  return { controlPlane: running(WAVES.toReversed().flat()), node: running(NODE_PARTS) };
}
type Running = readonly (readonly [name: string, runs: boolean])[];

export const allRun = (named: Running): boolean => named.every(([, runs]) => runs);

function prepareFolders(): void {
  for (const folder of [LOGS, join(ETC, 'kueue', 'metrics')]) mkdirSync(folder, { recursive: true });
  for (const file of ['passwd', 'group', 'resolv.conf', 'machine-id', 'os-release'])
    if (existsSync(join('/etc', file))) writeFileSync(join(ETC, file), readFileSync(join('/etc', file)));
  writeFileSync(join(ETC, 'hosts'), '127.0.0.1 localhost real-0\n');
  writeFileSync(join(ETC, 'nsswitch.conf'), 'hosts: files\n');
  // With certificates of its own switched off, Kueue insists on one for metrics at this path, even with metrics off.
  link(WEBHOOK_KEYS, join(ETC, 'kueue', 'metrics', 'certs'));
  for (const name of CONTROLLERS) {
    mkdirSync(join(temporaryFolderOf(name), 'k8s-webhook-server'), { recursive: true });
    link(WEBHOOK_KEYS, join(temporaryFolderOf(name), 'k8s-webhook-server', 'serving-certs'));
    const config = readFileSync(join(SOURCE, 'config', `${name}.yaml`), 'utf8');
    writeFileSync(controllerConfig(name), fill(config, { ...PORTS, WEBHOOK_KEYS, KUEUE_API }));
  }
}

function link(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
