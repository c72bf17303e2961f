import { type HttpMethod, type KubeConfig, RequestContext } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { withoutUser } from './connection-trouble.ts';
import { credentialsOf } from './credentials.ts';
import { makeDispatcher } from './dispatcher.ts';
import { impersonationOf } from './impersonation.ts';

/** How an API server is reached, and as whom. */
export interface Connection {
  /** Its address; empty where the configuration names none. */
  readonly server: () => string;
  /** The proxy that leads to it, as it may be shown. */
  readonly proxy: () => string | undefined;
  /** What goes with one request: the headers that say who asks, and the connections that are kept. */
  readonly authenticated: (
    url: string,
    method: HttpMethod,
    signal: AbortSignal,
  ) => Promise<{
    readonly headers: Readonly<Record<string, string | string[]>>;
    readonly dispatcher?: Dispatcher;
  }>;
  /** The server refuses the credentials: those that are there now may be others. */
  readonly loadAnew: () => void;
}

export function makeConnection(load: () => KubeConfig, tell: (line: string) => void): Connection {
  const loaded = () => {
    const config = load();
    return { config, current: credentialsOf(config, { tell, isInteractive: process.stdin.isTTY }) };
  };
  let { config, current } = loaded();
  let connected: { readonly as: KubeConfig; readonly by: Promise<Dispatcher | undefined> } | undefined;

  /** client-node makes a dispatcher at every call; a kept one reuses its connections. */
  async function authenticated(url: string, method: HttpMethod, signal: AbortSignal) {
    const context = new RequestContext(url, method);
    const complete = await current(signal);
    await complete.applySecurityAuthentication(context);
    if (connected?.as !== complete) {
      disconnect();
      connected = { as: complete, by: makeDispatcher(complete) };
    }
    const dispatcher = (await connected.by) ?? context.getDispatcher();
    const own = Object.entries(context.getHeaders()).map(([name, value]) => [name, value.trim()] as const);
    // A token's file ends with a line break where a person has written it, which no header may.
    const headers = { ...Object.fromEntries(own), ...impersonationOf(complete.getCurrentUser()) };
    return { headers, ...(dispatcher && { dispatcher }) };
  }

  /** What is on its way ends first. */
  function disconnect(): void {
    void connected?.by.then((dispatcher) => dispatcher?.close());
    connected = undefined;
  }

  function loadAnew(): void {
    disconnect();
    ({ config, current } = loaded());
  }

  const server = (): string => config.getCurrentCluster()?.server.replace(/\/$/, '') ?? '';
  const proxy = (): string | undefined => {
    const address = config.getCurrentCluster()?.proxyUrl;
    return address ? withoutUser(address) : undefined;
  };
  return { server, proxy, authenticated, loadAnew };
}
