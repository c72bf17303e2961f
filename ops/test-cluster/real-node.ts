import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { KUEUE_API } from './build.ts';
import { podGroups, removeGroup } from './control-groups.ts';
import { makeImages } from './images.ts';
import { BRIDGE, fill, KEYS, kubeconfigOf, NODE, PORTS, SITE_PACKAGES, SOURCE, workOf } from './layout.ts';
import { apply, kubectl } from './manifests.ts';
import { ETC } from './parts.ts';
import { endProcesses, processesWith } from './processes.ts';
import { pidOf, start, stop } from './service.ts';

const NAME = 'real-0';
const SOCKET = join(NODE, 'containerd.sock');
/** Programs of the node, in the order in which they start. */
export const NODE_PARTS = ['coredns', 'node-namespace', 'containerd', 'kubelet'] as const;
/** Namespaces whose pods run on it: the adapter's tests', and that of whole runs. */
const NAMESPACES = ['stint-test', 'runs'] as const;
/** What kubelet and the bridge plugin set on a machine; here they find these values in their own view instead. */
const TUNED = {
  'vm/overcommit_memory': 1,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  // Pods of one bridge reach each other without it.
  'net/ipv4/ip_forward': 1,
};
/** Devices that the node says it has: a number in its status that kubelet keeps; no device appears in a pod. */
const DEVICES = { 'nvidia.com/gpu': '16' };

/**
 * One real node: containerd, runc, a bridge, cluster DNS and kubelet, in a mount namespace of their own, so that no file
 * of the machine is touched.
 */
export async function nodeUp(bin: string, say: (line: string) => void): Promise<void> {
  const images = await makeImages();
  for (const folder of ['cni', 'tuned']) mkdirSync(join(NODE, folder), { recursive: true });
  const values = {
    ...PORTS,
    NODE,
    KEYS,
    BRIDGE,
    RUNC: await pathOf('runc'),
    KUBECONFIG_COREDNS: kubeconfigOf('coredns'),
  };
  for (const file of ['containerd.toml', 'kubelet.yaml', 'Corefile', 'bridge.conflist']) {
    const target = file === 'bridge.conflist' ? join(NODE, 'cni', '10-bridge.conflist') : join(NODE, file);
    writeFileSync(target, fill(readFileSync(join(SOURCE, 'config', file), 'utf8'), values));
  }
  await bridgeUp();
  await apply(bin, readFileSync(join(SOURCE, 'objects', 'dns.yaml'), 'utf8'));
  await start({
    name: 'coredns',
    command: [join(bin, 'coredns'), '-conf', join(NODE, 'Corefile')],
    ready: `http://127.0.0.1:${PORTS.dnsHealth}/health`,
  });
  await start({
    name: 'node-namespace',
    command: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', namespaceScript()],
    ready: mounted,
  });
  const inside = ['nsenter', `--mount=/proc/${pidOf('node-namespace')}/ns/mnt`] as const;
  await start({
    name: 'containerd',
    command: [...inside, 'containerd', '--config', join(NODE, 'containerd.toml')],
    ready: containerdAnswers,
  });
  for (const { name, archive } of images) {
    await ctr('images', 'import', archive);
    say(`image ${name} imported`);
  }
  await start({
    name: 'kubelet',
    command: [
      ...inside,
      join(bin, 'kubelet'),
      `--kubeconfig=${kubeconfigOf('kubelet')}`,
      `--config=${join(NODE, 'kubelet.yaml')}`,
      `--root-dir=${join(NODE, 'kubelet')}`,
      `--cert-dir=${join(NODE, 'pki')}`,
      `--hostname-override=${NAME}`,
    ],
    ready: `http://127.0.0.1:${PORTS.kubeletHealth}/healthz`,
  });
  for (const event of ['create', 'condition=Ready'])
    await kubectl(bin, ['wait', `node/${NAME}`, `--for=${event}`, '--timeout=60s']);
  await kubectl(bin, ['label', 'node', NAME, 'nvidia.com/gpu.product=none', '--overwrite']);
  const status = JSON.stringify({ status: { capacity: DEVICES, allocatable: DEVICES } });
  await kubectl(bin, ['patch', 'node', NAME, '--subresource=status', '--type=merge', '--patch', status]);
  await apply(bin, fill(readFileSync(join(SOURCE, 'objects', 'real.yaml'), 'utf8'), { KUEUE_API }));
  const objects = readFileSync(join(SOURCE, 'objects', 'real-namespace.yaml'), 'utf8');
  for (const namespace of NAMESPACES) {
    const holes = { KUEUE_API, NAMESPACE: namespace, WORK: workOf(namespace), SITE_PACKAGES };
    mkdirSync(holes.WORK, { recursive: true });
    await apply(bin, fill(objects, holes));
  }
  say(`node ${NAME} ready`);
}

/** Ends the node and all its containers. */
export async function nodeDown(): Promise<void> {
  await stop(['kubelet']);
  for (const kind of ['tasks', 'containers'] as const) {
    const { stdout } = await ctr(kind, 'ls', '-q').catch(() => ({ stdout: '' }));
    for (const id of stdout.split('\n').filter(Boolean))
      await ctr(kind, ...(kind === 'tasks' ? ['rm', '-f', id] : ['rm', id])).catch(() => {});
  }
  // A shim stays for its sandbox. What is called with this socket is of this node.
  await endProcesses(processesWith(SOCKET).filter(({ pid }) => pid !== pidOf('containerd')));
  await stop(NODE_PARTS.toReversed());
  await execa('ip', ['link', 'delete', BRIDGE], { reject: false });
  if (existsSync(NODE)) for (const group of podGroups()) removeGroup(group);
}

/** Runs in a mount namespace of its own and holds it open. */
function namespaceScript(): string {
  const tuned = Object.entries(TUNED).map(([path, value]) => {
    const file = join(NODE, 'tuned', path.replaceAll('/', '.'));
    writeFileSync(file, `${value}\n`);
    return `mount --bind ${file} /proc/sys/${path}`;
  });
  return [
    'set -e',
    `mount --bind ${ETC} /etc`,
    // /run/netns, /var/lib/kubelet and /var/log/containers of this node only.
    ...['/run', '/var/log', '/var/lib'].map((folder) => `mount -t tmpfs none ${folder}`),
    ...tuned,
    `touch ${join(NODE, 'mounted')}`,
    // Its command line says whose process it is.
    `exec tail -f ${join(NODE, 'mounted')}`,
  ].join('\n');
}

const mounted = (): Promise<boolean> => Promise.resolve(existsSync(join(NODE, 'mounted')));

const containerdAnswers = async (): Promise<boolean> =>
  existsSync(SOCKET) && !(await execa('ctr', ['--address', SOCKET, 'version'], { reject: false })).failed;

export const ctr = (...args: readonly string[]) =>
  execa('ctr', ['--address', SOCKET, '--namespace', 'k8s.io', ...args]);

/** Before the first pod, because cluster DNS listens on its address; the bridge plugin takes it as it is. */
async function bridgeUp(): Promise<void> {
  if (!(await execa('ip', ['link', 'show', BRIDGE], { reject: false })).failed) return;
  await execa('ip', ['link', 'add', BRIDGE, 'type', 'bridge']);
  await execa('ip', ['address', 'add', '10.245.0.1/24', 'dev', BRIDGE]);
  await execa('ip', ['link', 'set', BRIDGE, 'up']);
}

async function pathOf(program: string): Promise<string> {
  return (await execa('which', [program])).stdout;
}
