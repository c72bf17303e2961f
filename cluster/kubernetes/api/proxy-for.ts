import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy of the environment for a server, by the rules that kubectl has from Go's net/http: HTTPS_PROXY or HTTP_PROXY in
 * either case, never for this machine itself, and not for what NO_PROXY lists: "*", names with all below them, addresses and
 * networks, each with a port or without. https://pkg.go.dev/golang.org/x/net/http/httpproxy
 */
export function proxyFor(server: string, env: Environment): string | undefined {
  if (!URL.canParse(server)) return undefined;
  const { protocol, hostname, port } = new URL(server);
  const host = hostname.replaceAll(/^\[|\]$/g, '').toLowerCase();
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const proxy = read(env, `${scheme}_proxy`);
  if (proxy === undefined || isThisMachine(host)) return undefined;
  const entries = (read(env, 'no_proxy') ?? '').split(',').map((entry) => entry.trim().toLowerCase());
  const at = port === '' ? (scheme === 'https' ? '443' : '80') : port;
  if (entries.some((entry) => entry !== '' && excepts(entry, host, at))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

const read = (env: Environment, name: string): string | undefined =>
  env[name.toUpperCase()] || env[name] || undefined;

const isThisMachine = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

function excepts(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const network = /^(.+)\/(\d{1,3})$/.exec(entry);
  if (network) return isWithin(host, network[1] ?? '', Number(network[2]));
  const [, bare = entry, itsPort] =
    /^(?:\[(?=.*\]))?([^[\]]*?)\]?:(\d+)$/.exec(isIP(entry) === 6 ? '' : entry) ?? [];
  if (itsPort !== undefined && itsPort !== port) return false;
  if (isIP(bare) !== 0) return bare === host;
  const name = bare.replace(/^\*?\./, '');
  // ".example.com" is what lies below it, and "example.com" that and itself.
  return host.endsWith(`.${name}`) || (!/^\*?\./.test(bare) && host === name);
}

function isWithin(host: string, network: string, prefix: number): boolean {
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || prefix > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, prefix, type);
  return list.check(host, type);
}
