import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node';
import { type ImpersonatingUser, impersonationOf } from './impersonation.ts';

/** An entry of the kubeconfig that no connection can be made with. */
export interface Trouble {
  /** As the file has it, for example `client-certificate of the user "ann"`, or the variable of the environment. */
  readonly entry: string;
  readonly what: string;
}

/**
 * What of the current context cannot be used, before a server is asked: it could only be told as one that did not answer, which
 * is asked again. `proxyVariable` names what the proxy was read from, where that is not the file.
 */
export function connectionTrouble(config: KubeConfig, proxyVariable?: string): Trouble | undefined {
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  return (
    (cluster === null ? undefined : clusterTrouble(cluster, proxyVariable)) ??
    (user === null ? undefined : userTrouble(user))
  );
}

function clusterTrouble(cluster: Cluster, proxyVariable: string | undefined): Trouble | undefined {
  const of = (field: string, what: string): Trouble => ({
    entry: `${field} of the cluster "${cluster.name}"`,
    what,
  });
  const { server, proxyUrl } = cluster;
  if (!hasScheme(server, ['https:', 'http:']))
    return of('server', `is "${server}", and not an address that begins with https:// or http://`);
  if (proxyUrl && !hasScheme(proxyUrl, PROXIES)) {
    const what = `is "${withoutUser(proxyUrl)}", and not an address of an HTTP or SOCKS5 proxy`;
    return proxyVariable === undefined ? of('proxy-url', what) : { entry: proxyVariable, what };
  }
  const authority = material(cluster.caData, cluster.caFile);
  const broken = authority && brokenBy(authority, (text) => new X509Certificate(text), 'certificate');
  return authority && broken ? of(authority.field('certificate-authority'), broken) : undefined;
}

/** An address as it may be shown: whoever reads a log should not read a password. */
export const withoutUser = (address: string): string => address.replace(/\/\/[^/]*@/, '//');

const PROXIES = ['https:', 'http:', 'socks:', 'socks5:', 'socks5h:'];

const hasScheme = (address: string, schemes: readonly string[]): boolean =>
  URL.canParse(address) && schemes.includes(new URL(address).protocol);

function userTrouble(user: User): Trouble | undefined {
  const of = (field: string, what: string): Trouble => ({
    entry: `${field} of the user "${user.name}"`,
    what,
  });
  const provider: unknown = user.authProvider;
  if (typeof provider === 'object' && provider !== null && !('config' in provider))
    return of(
      'auth-provider',
      'has no config, and such providers are gone from kubectl: log in to the cluster again',
    );
  const noOne = impersonationTrouble(user);
  if (noOne) return of(...noOne);
  const noToken = tokenTrouble(user);
  if (noToken) return of(...noToken);
  const certificate = material(user.certData, user.certFile);
  const key = material(user.keyData, user.keyFile);
  if ((certificate === undefined) !== (key === undefined))
    return of('client-certificate', 'and its client-key stand one without the other');
  const broken = certificate && brokenBy(certificate, (text) => new X509Certificate(text), 'certificate');
  if (broken) return of(certificate.field('client-certificate'), broken);
  const keyBroken = key && brokenBy(key, (text) => createPrivateKey(text), 'private key');
  return key && keyBroken ? of(key.field('client-key'), keyBroken) : undefined;
}

/** Of whom it acts as. */
function impersonationTrouble(user: ImpersonatingUser): readonly [field: string, what: string] | undefined {
  const headers = Object.values(impersonationOf(user)).flat();
  if (!user.impersonateUser)
    return headers.length > 0 ? ['as', 'is not there, beside what goes with it'] : undefined;
  return [user.impersonateUser, ...headers].every((text) => CARRIED.test(text))
    ? undefined
    : ['as', NOT_CARRIED];
}

/** Of its token, or of the file of it: the field, and what is wrong with it. */
function tokenTrouble({ token, authProvider }: User): readonly [field: string, what: string] | undefined {
  if (token && !CARRIED.test(token)) return ['token', NOT_CARRIED];
  const provider = authProvider as { readonly config?: { readonly tokenFile?: string } } | undefined;
  const read = material(undefined, provider?.config?.tokenFile);
  const broken = read && brokenBy(read, requireText, 'token');
  return read && broken ? [read.field('tokenFile'), broken] : undefined;
}

/** What a header can carry. */
export const CARRIED = /^[ -~]+$/;
const NOT_CARRIED = 'holds a line break or another character that a header cannot carry';

function requireText(text: string): void {
  if (!CARRIED.test(text.trim())) throw new Error(NOT_CARRIED);
}

interface Material {
  readonly read: () => string;
  readonly field: (name: string) => string;
}

/** What stands in the file itself counts before what it names, as to kubectl. */
function material(data: string | undefined, file: string | undefined): Material | undefined {
  if (data) return { read: () => Buffer.from(data, 'base64').toString(), field: (name) => `${name}-data` };
  return file ? { read: () => readFileSync(file, 'utf8'), field: (name) => `${name} (${file})` } : undefined;
}

function brokenBy({ read }: Material, parse: (text: string) => unknown, what: string): string | undefined {
  let text: string;
  try {
    text = read();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'cannot be read';
  }
  try {
    parse(text);
    return undefined;
  } catch {
    return what === 'token' ? 'holds no token' : `holds no ${what} in PEM`;
  }
}
