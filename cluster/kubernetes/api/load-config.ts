import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { StintError } from '../../../orchestrator/errors/stint-error.ts';
import { proxyFor } from './proxy-for.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The credentials that kubectl would use: of the files of KUBECONFIG together, of ~/.kube/config, or of the pod that this
 * runs in. Of two entries of a name the first counts, a file that is not there is passed over, and the first current context
 * is the current one. Unless the cluster names a proxy, that of the environment leads to it.
 *
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 *
 * @throws StintError `no-kubeconfig`, `no-such-context`
 */
export function loadConfig(context: string | undefined, env: Environment = process.env): KubeConfig {
  const files = kubeconfigFiles(env);
  const config = merged(files.filter((file) => existsSync(file)));
  if (config === undefined) {
    const inPod = podConfig(env);
    if (inPod === undefined) throw noConfig(files, 'there is no kubeconfig, and this is no pod of a cluster');
    return inPod;
  }
  const name = context ?? config.currentContext;
  if (!name) throw noConfig(files, 'the kubeconfig has no current context, and the profile names none');
  requireContext(name, context === undefined ? files.join(delimiter) : 'backend.context', config);
  config.setCurrentContext(name);
  return throughProxy(config, env);
}

function kubeconfigFiles(env: Environment): readonly string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  return listed.length > 0 ? [...new Set(listed)] : [join(env['HOME'] ?? homedir(), '.kube', 'config')];
}

/** Undefined where there is no file. */
function merged(files: readonly string[]): KubeConfig | undefined {
  const configs = files.map(readConfig);
  if (configs.length === 0) return undefined;
  const all = new KubeConfig();
  all.loadFromOptions({
    clusters: firstOfEachName(configs.flatMap(({ clusters }) => clusters)),
    users: firstOfEachName(configs.flatMap(({ users }) => users)),
    contexts: firstOfEachName(configs.flatMap(({ contexts }) => contexts)),
    currentContext: configs.map(({ currentContext }) => currentContext).find(Boolean) ?? '',
  });
  return all;
}

function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): readonly T[] {
  return entries.filter(({ name }, index) => entries.findIndex((other) => other.name === name) === index);
}

/** What it names by a relative path lies beside it, the command of a credential plugin included. */
function readConfig(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    throw noConfig([file], `the kubeconfig ${file} cannot be read: ${(error as Error).message}`, error);
  }
  for (const { exec } of config.users) {
    const plugin = exec as { command?: string } | undefined;
    if (plugin?.command?.includes('/')) plugin.command = resolve(dirname(file), plugin.command);
  }
  return config;
}

function podConfig(env: Environment): KubeConfig | undefined {
  const config = new KubeConfig();
  if (!env['KUBERNETES_SERVICE_HOST'] || !existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token'))
    return undefined;
  config.loadFromCluster();
  return config;
}

function requireContext(name: string, where: string, config: KubeConfig): void {
  const found = config.getContextObject(name);
  if (found === null)
    throw noContext(
      where,
      `the kubeconfig has no context "${name}"${where === 'backend.context' ? '' : ', which it names as the current one'}`,
      config,
    );
  if (config.getCluster(found.cluster) === null)
    throw noContext(
      where,
      `the context "${name}" names the cluster "${found.cluster}", which the kubeconfig does not have`,
      config,
    );
  if (found.user && config.getUser(found.user) === null)
    throw noContext(
      where,
      `the context "${name}" names the user "${found.user}", whom the kubeconfig does not have`,
      config,
    );
}

function throughProxy(config: KubeConfig, env: Environment): KubeConfig {
  const cluster = config.getCurrentCluster();
  const proxyUrl = cluster === null || cluster.proxyUrl ? undefined : proxyFor(cluster.server, env);
  if (cluster !== null && proxyUrl !== undefined)
    config.clusters = config.clusters.map((each) => (each === cluster ? { ...each, proxyUrl } : each));
  return config;
}

const noConfig = (files: readonly string[], what: string, cause?: unknown) =>
  new StintError(
    {
      code: 'no-kubeconfig',
      where: files.join(delimiter),
      what,
      why: 'the profile says that its jobs run on Kubernetes',
      todo: 'set KUBECONFIG to the file that `kubectl` uses for this cluster, or log in to it',
    },
    { cause },
  );

const noContext = (where: string, what: string, config: KubeConfig) =>
  new StintError({
    code: 'no-such-context',
    where,
    what,
    why: `its contexts are ${config.contexts.map(({ name }) => name).join(', ') || 'none'}`,
    todo:
      where === 'backend.context'
        ? 'correct the profile, or log in to that cluster again'
        : 'choose one with `kubectl config use-context`, or name it in backend.context of the profile',
  });
