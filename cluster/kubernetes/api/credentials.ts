import { KubeConfig, type User } from '@kubernetes/client-node';
import { type Asking, askPlugin, type Credential } from './credential-plugin.ts';

/** A plugin is asked again this long before what it gave expires, so that no request is on its way then. */
const EARLY_MS = 10_000;

/** Gives the kubeconfig with what a credential plugin gave in the place of the plugin: the same object while that is valid. */
export type Credentials = (signal: AbortSignal) => Promise<KubeConfig>;

/** A plugin that several requests need at once is asked once. */
export function credentialsOf(
  config: KubeConfig,
  asking: Omit<Asking, 'signal'>,
  now: () => number = Date.now,
): Credentials {
  const exec: unknown = config.getCurrentUser()?.exec;
  let given: Given | undefined;
  let pending: { readonly answer: Promise<Given>; readonly for: AbortSignal } | undefined;

  function ask(signal: AbortSignal): NonNullable<typeof pending> {
    const answer = askPlugin(exec, config.getCurrentCluster(), { ...asking, signal }).then((credential) => ({
      config: withCredential(config, credential),
      until: Date.parse(credential.expirationTimestamp ?? '') - EARLY_MS,
    }));
    return { answer, for: signal };
  }

  return async function current(signal) {
    if (exec === undefined || exec === null) return config;
    if (given !== undefined && !(given.until <= now())) return given.config;
    pending ??= ask(signal);
    const mine = pending;
    try {
      given = await mine.answer;
      return given.config;
    } catch (error) {
      if (pending === mine) pending = undefined;
      // Whoever asked first has given up, and not this one.
      if (mine.for.aborted && !signal.aborted) return await current(signal);
      throw error;
    } finally {
      if (pending === mine) pending = undefined;
    }
  };
}

interface Given {
  readonly config: KubeConfig;
  /** NaN where it does not expire. */
  readonly until: number;
}

const inBase64 = (text: string): string => Buffer.from(text).toString('base64');

/** Client-node would read them before what the plugin gave. */
function withoutFiles(user: User): User {
  const { certFile: _, keyFile: __, ...others } = user;
  return others;
}

function withCredential(config: KubeConfig, credential: Credential): KubeConfig {
  const { token, clientCertificateData, clientKeyData } = credential;
  const own = config.getCurrentUser()?.name;
  const complete = new KubeConfig();
  complete.loadFromOptions({
    clusters: config.clusters,
    contexts: config.contexts,
    currentContext: config.currentContext,
    users: config.users.map(({ exec, ...user }) =>
      user.name === own
        ? {
            ...(clientCertificateData === undefined ? user : withoutFiles(user)),
            ...(token !== undefined && { token }),
            ...(clientCertificateData !== undefined && { certData: inBase64(clientCertificateData) }),
            ...(clientKeyData !== undefined && { keyData: inBase64(clientKeyData) }),
          }
        : { ...user, exec },
    ),
  });
  return complete;
}
