import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';

/**
 * Connections as the kubeconfig wants them, over HTTP/1.1. client-node's own would speak HTTP/2, whose idle session
 * undici 8.12 ends with an error that nobody can catch: it ends the process.
 *
 * @returns undefined for a SOCKS proxy, which client-node alone knows to use
 */
export async function makeDispatcher(config: KubeConfig): Promise<Dispatcher | undefined> {
  const tls: RequestOptions = {};
  await config.applyToHTTPSOptions(tls);
  const options = config.createDispatcherOptions(config.getCurrentCluster(), {
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.pfx === undefined ? {} : { pfx: tls.pfx }),
    ...(tls.passphrase === undefined ? {} : { passphrase: tls.passphrase }),
    ...(tls.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: tls.rejectUnauthorized }),
    ...(tls.servername === undefined ? {} : { servername: tls.servername }),
  });
  switch (options.type) {
    case 'none':
      return new Agent({ allowH2: false });
    case 'agent':
      return new Agent({ allowH2: false, connect: options.connect } as Agent.Options);
    case 'proxy':
      return new ProxyAgent({ ...options, allowH2: false } as ProxyAgent.Options);
    case 'socks':
      return undefined;
  }
}
