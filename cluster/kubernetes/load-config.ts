import { KubeConfig } from '@kubernetes/client-node';
import { StintError } from '../../orchestrator/errors/stint-error.ts';

/** What client-node falls back to when it finds nothing. */
const NOTHING_FOUND = 'http://localhost:8080';

/**
 * The credentials that kubectl would use: the files of KUBECONFIG, ~/.kube/config, or those of the pod that this runs in.
 *
 * @throws StintError `no-kubeconfig`, `no-such-context`
 */
export function loadConfig(context: string | undefined): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    throw noConfig(`the kubeconfig cannot be read: ${(error as Error).message}`, error);
  }
  if (context !== undefined) {
    if (config.getContextObject(context) === null) throw noContext(context, config);
    config.setCurrentContext(context);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null || cluster.server === NOTHING_FOUND)
    throw noConfig('there is no kubeconfig, and this is no pod of a cluster');
  return config;
}

const noConfig = (what: string, cause?: unknown) =>
  new StintError(
    {
      code: 'no-kubeconfig',
      blame: 'input',
      where: process.env['KUBECONFIG'] ?? '~/.kube/config',
      what,
      why: 'the profile says that its jobs run on Kubernetes',
      todo: 'set KUBECONFIG to the file that `kubectl` uses for this cluster, or log in to it',
    },
    { cause },
  );

const noContext = (context: string, config: KubeConfig) =>
  new StintError({
    code: 'no-such-context',
    blame: 'input',
    where: 'backend.context',
    what: `the kubeconfig has no context "${context}"`,
    why: `it has: ${config.contexts.map(({ name }) => name).join(', ') || 'none'}`,
    todo: 'correct the profile, or add the context',
  });
