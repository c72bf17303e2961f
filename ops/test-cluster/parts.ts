import { join } from 'node:path';
import { API_SERVER, AUDIT_LOG, KEYS, KUBERNETES, kubeconfigOf, PORTS, RUN, SOURCE } from './layout.ts';
import type { Service } from './service.ts';

const key = (name: string): string => join(KEYS, name);
const SERVING = [
  `--tls-cert-file=${key('server.crt')}`,
  `--tls-private-key-file=${key('server.key')}`,
  `--client-ca-file=${key('ca.crt')}`,
];
const loopback = (port: number, path: string, scheme = 'https'): string =>
  `${scheme}://127.0.0.1:${port}${path}`;

/** A private /etc: the real node's name resolves to loopback in it, and Kueue's metrics certificate has its fixed path. */
const OWN_ETC = [
  'unshare',
  // Whoever is not root is root in a namespace of users.
  ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  'mount --bind "$0" /etc && exec "$@"',
];
export const ETC = join(RUN, 'etc');

/** All but those of a cloud, which 1.37 has no more, and whose names it refuses. */
const CONTROLLERS = [
  '*',
  '-node-ipam-controller',
  ...(Number(KUBERNETES.split('.')[1]) < 37
    ? ['-cloud-node-lifecycle-controller', '-service-lb-controller', '-node-route-controller']
    : []),
];

const client = (name: string) =>
  ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map(
    (flag) => `--${flag}=${kubeconfigOf(name)}`,
  );

/** The programs of the control plane, by name; each needs those before it. */
export const parts = (bin: string): Readonly<Record<PartName, Service>> => ({
  ...stores(bin),
  ...managers(bin),
  jobset: controller(bin, 'jobset', 'jobset', PORTS.jobsetHealth),
  kueue: controller(bin, 'kueue', 'kueue', PORTS.kueueHealth),
  trainer: controller(bin, 'trainer', 'trainer-controller-manager', PORTS.trainerHealth),
});

/** What is asked, and what keeps it. */
function stores(bin: string): Readonly<Record<'etcd' | 'kube-apiserver', Service>> {
  return {
    etcd: {
      name: 'etcd',
      command: [
        join(bin, 'server'),
        '--name=test',
        `--data-dir=${join(RUN, 'etcd')}`,
        '--log-level=warn',
        `--listen-client-urls=${loopback(PORTS.etcd, '', 'http')}`,
        `--advertise-client-urls=${loopback(PORTS.etcd, '', 'http')}`,
        `--listen-peer-urls=${loopback(PORTS.etcdPeer, '', 'http')}`,
        `--initial-advertise-peer-urls=${loopback(PORTS.etcdPeer, '', 'http')}`,
        `--initial-cluster=test=${loopback(PORTS.etcdPeer, '', 'http')}`,
        // What a crash of the machine would lose is a test.
        '--unsafe-no-fsync',
      ],
      ready: loopback(PORTS.etcd, '/health', 'http'),
    },
    'kube-apiserver': {
      name: 'kube-apiserver',
      command: [
        ...ownEtc(join(bin, 'kube-apiserver')),
        ...SERVING,
        `--etcd-servers=${loopback(PORTS.etcd, '', 'http')}`,
        '--bind-address=127.0.0.1',
        '--advertise-address=127.0.0.1',
        `--secure-port=${PORTS.apiServer}`,
        // An Endpoints object may not hold 127.0.0.1; nothing here calls the API server by its service.
        '--endpoint-reconciler-type=none',
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        '--anonymous-auth=false',
        `--audit-policy-file=${join(SOURCE, 'config', 'audit.yaml')}`,
        `--audit-log-path=${AUDIT_LOG}`,
        '--service-cluster-ip-range=10.96.0.0/16',
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-account-key-file=${key('sa.pub')}`,
        `--service-account-signing-key-file=${key('sa.key')}`,
        `--kubelet-client-certificate=${key('apiserver-kubelet.crt')}`,
        `--kubelet-client-key=${key('apiserver-kubelet.key')}`,
        `--kubelet-certificate-authority=${key('ca.crt')}`,
        // The real node's kubelet listens on loopback only, under its name in the private /etc/hosts.
        '--kubelet-preferred-address-types=Hostname',
      ],
      ready: `${API_SERVER}/readyz`,
    },
  };
}

/** What acts on it, and the nodes that are simulated. */
function managers(
  bin: string,
): Readonly<Record<'kube-controller-manager' | 'kube-scheduler' | 'kwok', Service>> {
  return {
    'kube-controller-manager': {
      name: 'kube-controller-manager',
      command: [
        join(bin, 'kube-controller-manager'),
        ...SERVING,
        ...client('kube-controller-manager'),
        '--bind-address=127.0.0.1',
        `--secure-port=${PORTS.controllerManager}`,
        '--leader-elect=false',
        '--use-service-account-credentials=true',
        `--root-ca-file=${key('ca.crt')}`,
        `--service-account-private-key-file=${key('sa.key')}`,
        // A lost node is noticed in seconds, where a real cluster takes most of a minute.
        '--node-monitor-period=1s',
        '--node-monitor-grace-period=8s',
        '--terminated-pod-gc-threshold=200',
        `--controllers=${CONTROLLERS.join(',')}`,
      ],
      ready: loopback(PORTS.controllerManager, '/healthz'),
    },
    'kube-scheduler': {
      name: 'kube-scheduler',
      command: [
        join(bin, 'kube-scheduler'),
        ...SERVING,
        ...client('kube-scheduler'),
        '--bind-address=127.0.0.1',
        `--secure-port=${PORTS.scheduler}`,
        '--leader-elect=false',
      ],
      ready: loopback(PORTS.scheduler, '/healthz'),
    },
    kwok: {
      name: 'kwok',
      command: [
        join(bin, 'kwok'),
        `--kubeconfig=${kubeconfigOf('kwok')}`,
        `--config=${join(SOURCE, 'config', 'kwok-stages.yaml')}`,
        '--manage-all-nodes=false',
        '--manage-nodes-with-label-selector=sim/kwok=true',
        '--node-lease-duration-seconds=8',
        `--server-address=127.0.0.1:${PORTS.kwok}`,
        '--cidr=10.244.0.0/16',
        '--node-ip=127.0.0.1',
      ],
      ready: loopback(PORTS.kwok, '/healthz', 'http'),
    },
  };
}

export type PartName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kwok'
  | Controller;
export type Controller = 'jobset' | 'kueue' | 'trainer';

/** Trainer takes its webhook certificate from a fixed path below TMPDIR, so each controller has a TMPDIR of its own. */
export const temporaryFolderOf = (name: Controller): string => join(RUN, 'tmp', name);
export const controllerConfig = (name: Controller): string => join(RUN, `${name}.yaml`);

function controller(bin: string, name: Controller, program: string, healthPort: number): Service {
  return {
    name,
    command: [...ownEtc(join(bin, program)), `--config=${controllerConfig(name)}`],
    env: { KUBECONFIG: kubeconfigOf(name), TMPDIR: temporaryFolderOf(name) },
    ready: loopback(healthPort, '/readyz', 'http'),
  };
}

function ownEtc(program: string): [string, ...string[]] {
  const [first = '', ...rest] = OWN_ETC;
  return [first, ...rest, ETC, program];
}
