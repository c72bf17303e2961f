import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig, type User } from '@kubernetes/client-node';
import { StintError } from '../../../orchestrator/errors/stint-error.ts';
import { connectionTrouble } from './connection-trouble.ts';
import { proxyFor } from './proxy-for.ts';
import { type Kubeconfig, readKubeconfig } from './read-kubeconfig.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The credentials that kubectl would use: of the files of KUBECONFIG together, of ~/.kube/config, or of the pod that this
 * runs in. Of two entries of a name the first counts, a file that is not there is passed over, and the first current context
 * is the current one. Unless the cluster names a proxy, that of the environment leads to it.
 *
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 *
 * @throws StintError `no-kubeconfig`, `kubeconfig-unusable`, `no-such-context`
 */
export function loadConfig(context: string | undefined, env: Environment = process.env): KubeConfig {
  const files = kubeconfigFiles(env);
  const read = merged(files.filter((file) => existsSync(file)));
  if (read === undefined) {
    const inPod = podConfig(env);
    if (inPod === undefined) throw noConfig(files, 'there is no kubeconfig, and this is no pod of a cluster');
    return inPod;
  }
  const { config } = read;
  const name = context ?? config.currentContext;
  if (!name) throw noConfig(files, 'the kubeconfig has no current context, and the profile names none');
  requireContext(name, context === undefined ? files.join(delimiter) : 'backend.context', read);
  config.setCurrentContext(name);
  const isOwn = config.getCurrentCluster()?.proxyUrl !== undefined;
  const connected = reachable(config, env);
  const trouble = connectionTrouble(connected, isOwn ? undefined : 'HTTPS_PROXY or HTTP_PROXY');
  if (trouble === undefined) return connected;
  throw new StintError({
    code: 'kubeconfig-unusable',
    where: files.join(delimiter),
    what: `${trouble.entry} ${trouble.what}`,
    why: `the context "${name}" is reached with it`,
    todo: 'correct it as `kubectl` needs it, or log in to the cluster again',
  });
}

function kubeconfigFiles(env: Environment): readonly string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  return listed.length > 0 ? [...new Set(listed)] : [join(env['HOME'] ?? homedir(), '.kube', 'config')];
}

/** Undefined where there is no file, or nothing in any. */
function merged(files: readonly string[]): Kubeconfig | undefined {
  const read = files.map(readKubeconfig).filter((each) => each !== undefined);
  if (read.length === 0) return undefined;
  const configs = read.map(({ config }) => config);
  const all = new KubeConfig();
  all.loadFromOptions({
    clusters: firstOfEachName(configs.flatMap(({ clusters }) => clusters)),
    users: firstOfEachName(configs.flatMap(({ users }) => users)),
    contexts: firstOfEachName(configs.flatMap(({ contexts }) => contexts)),
    currentContext: configs.map(({ currentContext }) => currentContext).find(Boolean) ?? '',
  });
  return {
    config: all,
    incomplete: {
      clusters: read.flatMap(({ incomplete }) => incomplete.clusters),
      contexts: read.flatMap(({ incomplete }) => incomplete.contexts),
    },
  };
}

function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): readonly T[] {
  return entries.filter(({ name }, index) => entries.findIndex((other) => other.name === name) === index);
}

function podConfig(env: Environment): KubeConfig | undefined {
  const config = new KubeConfig();
  if (!env['KUBERNETES_SERVICE_HOST'] || !existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token'))
    return undefined;
  config.loadFromCluster();
  return config;
}

function requireContext(name: string, where: string, { config, incomplete }: Kubeconfig): void {
  const found = config.getContextObject(name);
  if (found === null && incomplete.contexts.includes(name))
    throw noContext(where, `the context "${name}" of the kubeconfig names no cluster`, config);
  if (found === null)
    throw noContext(
      where,
      `the kubeconfig has no context "${name}"${where === 'backend.context' ? '' : ', which it names as the current one'}`,
      config,
    );
  if (config.getCluster(found.cluster) === null)
    throw noContext(
      where,
      `the context "${name}" names the cluster "${found.cluster}", which ${incomplete.clusters.includes(found.cluster) ? 'has no server in the kubeconfig' : 'the kubeconfig does not have'}`,
      config,
    );
  if (found.user && config.getUser(found.user) === null)
    throw noContext(
      where,
      `the context "${name}" names the user "${found.user}", whom the kubeconfig does not have`,
      config,
    );
}

/** Through the proxy of the environment; and without TLS where the address says so (`kubectl proxy`), which client-node refuses else. */
function reachable(config: KubeConfig, env: Environment): KubeConfig {
  // Where a context names no user, client-node would pass over what its cluster says of TLS.
  if (!config.getContextObject(config.currentContext)?.user) {
    config.contexts = config.contexts.map((each) =>
      each.name === config.currentContext ? { ...each, user: NOBODY.name } : each,
    );
    config.users = [...config.users, NOBODY];
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) return config;
  const proxyUrl = cluster.proxyUrl ?? proxyFor(cluster.server, env);
  const own = {
    ...cluster,
    ...(proxyUrl !== undefined && { proxyUrl }),
    ...(cluster.server.startsWith('http://') && { skipTLSVerify: true }),
  };
  config.clusters = config.clusters.map((each) => (each === cluster ? own : each));
  return config;
}

/** No entry of a kubeconfig can have this name. */
const NOBODY: User = { name: '' };

const noConfig = (files: readonly string[], what: string) =>
  new StintError({
    code: 'no-kubeconfig',
    where: files.join(delimiter),
    what,
    why: 'the profile says that its jobs run on Kubernetes',
    todo: 'set KUBECONFIG to the file that `kubectl` uses for this cluster, or log in to it',
  });

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
