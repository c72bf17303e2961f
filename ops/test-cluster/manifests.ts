import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { parseAllDocuments } from 'yaml';
import { SetupFault } from '../setup/tool.mjs';
import { moduleFolder } from './build.ts';
import { KEYS, KUBECONFIG, KUBERNETES, LOGS, PORTS, RUN } from './layout.ts';
import { refusalOf } from './refused.ts';

interface Source {
  readonly module: string;
  /** Kustomize folders inside the module, as its release ships them. */
  readonly folders: readonly string[];
  readonly port: number;
}

const SOURCES: readonly Source[] = [
  { module: 'sigs.k8s.io/jobset', folders: ['config/default'], port: PORTS.jobsetWebhook },
  { module: 'sigs.k8s.io/kueue', folders: ['config/default'], port: PORTS.kueueWebhook },
  {
    module: 'github.com/kubeflow/trainer/v2',
    folders: ['manifests/base/crds', 'manifests/base/webhook'],
    port: PORTS.trainerWebhook,
  },
];

/**
 * The controllers run outside of the cluster, so their Deployments and Services stay away. So does Kueue's APIService: an
 * aggregated API that does not answer breaks discovery and the deletion of namespaces.
 */
const KEPT = new Set([
  'Namespace',
  'CustomResourceDefinition',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'ClusterRole',
]);

/** Definitions, roles and webhooks of the controllers, out of their modules; webhooks call loopback with our authority. */
export async function applyControllerManifests(bin: string): Promise<void> {
  await apply(bin, await controllerManifests(bin));
  // A controller that starts before its own kinds are served gives up.
  await kubectl(bin, ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
}

/**
 * Server-side apply of objects, given as YAML or JSON.
 *
 * @throws SetupFault when one of them is refused, as a definition is that a Kubernetes does not understand.
 */
export async function apply(bin: string, input: string): Promise<void> {
  const args = ['apply', '--server-side', '--force-conflicts', '--filename=-'];
  const { failed, stderr } = await execa(join(bin, 'kubectl'), args, { ...withInput(input), reject: false });
  if (failed)
    throw new SetupFault(
      `Kubernetes ${KUBERNETES} does not take an object of the test cluster: ${refusalOf(stderr)}`,
      `see ${LOGS}; give that version controllers that it takes (ops/test-cluster/README.md); then npm run cluster -- down`,
    );
}

export const kubectl = (bin: string, args: readonly string[], input = '') =>
  execa(join(bin, 'kubectl'), args, withInput(input));

const withInput = (input: string) => ({
  env: { KUBECONFIG, KUBECACHEDIR: join(RUN, 'tmp', 'kubectl') },
  input,
});

/** Kept beside the programs: reading the modules' YAML takes seconds, and it changes only with them. */
async function controllerManifests(bin: string): Promise<string> {
  const kept = join(bin, 'manifests.json');
  if (!existsSync(kept)) {
    const objects: unknown[] = [];
    for (const source of SOURCES) objects.push(...(await objectsOf(bin, source)));
    writeFileSync(kept, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  }
  const authority = readFileSync(join(KEYS, 'ca.crt')).toString('base64');
  return readFileSync(kept, 'utf8').replaceAll(AUTHORITY, authority);
}

const AUTHORITY = '@AUTHORITY@';

async function objectsOf(bin: string, { module, folders, port }: Source): Promise<readonly unknown[]> {
  const folder = await moduleFolder(module);
  const objects: unknown[] = [];
  for (const part of folders) {
    const { stdout } = await execa(join(bin, 'kubectl'), ['kustomize', join(folder, part)]);
    for (const document of parseAllDocuments(stdout)) objects.push(document.toJS());
  }
  return objects
    .filter((object) => KEPT.has((object as { kind?: string } | null)?.kind ?? ''))
    .map((object) => onLoopback(object, port));
}

/** Every `clientConfig.service` becomes a URL; conversion webhooks of definitions have one, too. */
function onLoopback(value: unknown, port: number): unknown {
  if (Array.isArray(value)) return value.map((item) => onLoopback(item, port));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      const service = (child as { service?: { path?: string } } | null)?.service;
      if (key !== 'clientConfig' || service === undefined) return [key, onLoopback(child, port)];
      return [key, { url: `https://127.0.0.1:${port}${service.path ?? ''}`, caBundle: AUTHORITY }];
    }),
  );
}
