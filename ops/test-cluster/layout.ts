import { join, resolve } from 'node:path';

/** Everything the cluster makes lies here: `bin` stays between runs, `run` holds what a running cluster needs. */
export const HOME = resolve('.cache/test-cluster');
export const RUN = join(HOME, 'run');
export const KEYS = join(RUN, 'keys');
export const LOGS = join(RUN, 'logs');
/** Of the real node; there from its start to its end. */
export const NODE = join(RUN, 'node');
/** Python's packages, for the version of Python that the trainer's image has. */
export const SITE_PACKAGES = resolve('.venv/lib/python3.11/site-packages');
/** Where this machine sees the work volume of a namespace. */
export const workOf = (namespace: string): string => join(RUN, 'work', namespace);
/** What tests and people use: full rights, on loopback. */
export const KUBECONFIG = kubeconfigOf('admin');
/** Of the real node's pods. */
export const BRIDGE = 'stint-test';
/** What the API server writes of the requests of those who may only some things, a line of JSON each; gone when the cluster is. */
export const AUDIT_LOG = join(RUN, 'tmp', 'audit.jsonl');
/** Where they are, as service accounts. */
export const PEOPLE = 'people';
/** The reviewed files beside this one. */
export const SOURCE = import.meta.dirname;

export function kubeconfigOf(user: string): string {
  return join(RUN, `${user}.kubeconfig`);
}

/** The line-up that is built: a folder below `kubernetes`. */
export const KUBERNETES = process.env['STINT_TEST_KUBERNETES'] ?? '1.36';

/** All on 127.0.0.1, away from the ports that a real cluster on the same machine would use. */
export const PORTS = {
  etcd: 22_379,
  etcdPeer: 22_380,
  apiServer: 26_443,
  controllerManager: 20_257,
  scheduler: 20_259,
  kwok: 20_247,
  kubelet: 20_250,
  kubeletHealth: 20_248,
  dnsHealth: 20_253,
  jobsetHealth: 29_081,
  kueueHealth: 29_082,
  trainerHealth: 29_083,
  jobsetWebhook: 29_443,
  kueueWebhook: 29_444,
  trainerWebhook: 29_445,
} as const;

export const API_SERVER = `https://127.0.0.1:${PORTS.apiServer}`;

/** Fills `${NAME}` holes of a reviewed file; a hole without a value is a mistake of ours. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for \${${name}}`);
    return String(value);
  });
}
