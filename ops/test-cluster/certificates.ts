import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { API_SERVER, KEYS, kubeconfigOf } from './layout.ts';

const DAYS = '3650';
/** Where a controller's webhook server looks for its certificate: controller-runtime's names. */
export const WEBHOOK_KEYS = join(KEYS, 'webhook');

/** Who talks to the API server, and as whom. Controllers stand outside of the cluster's own roles here. */
const CLIENTS: Readonly<Record<string, string>> = {
  admin: '/O=system:masters/CN=admin',
  jobset: '/O=system:masters/CN=jobset',
  kueue: '/O=system:masters/CN=kueue',
  trainer: '/O=system:masters/CN=trainer',
  kwok: '/O=system:masters/CN=kwok',
  'apiserver-kubelet': '/O=system:masters/CN=apiserver-kubelet',
  'kube-controller-manager': '/CN=system:kube-controller-manager',
  'kube-scheduler': '/CN=system:kube-scheduler',
  coredns: '/CN=coredns',
  kubelet: '/O=system:nodes/CN=system:node:real-0',
};

const SERVER_NAMES = [
  'IP:127.0.0.1',
  'IP:10.96.0.1',
  'DNS:localhost',
  'DNS:real-0',
  'DNS:kubernetes',
  'DNS:kubernetes.default',
  'DNS:kubernetes.default.svc',
];

/** One authority, one certificate for everything that listens, one for each client; made once and kept. */
export async function makeCertificates(): Promise<void> {
  const done = join(KEYS, 'done');
  if (existsSync(done)) return;
  mkdirSync(WEBHOOK_KEYS, { recursive: true });
  await key('ca');
  await openssl([
    'req',
    '-x509',
    '-new',
    '-key',
    'ca.key',
    '-subj',
    '/CN=stint-test-cluster',
    '-days',
    DAYS,
    '-out',
    'ca.crt',
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  ]);
  await certificate('server', '/CN=server', [
    'extendedKeyUsage=serverAuth,clientAuth',
    `subjectAltName=${SERVER_NAMES.join(',')}`,
  ]);
  for (const [name, subject] of Object.entries(CLIENTS)) {
    await certificate(name, subject, ['extendedKeyUsage=clientAuth']);
    writeFileSync(kubeconfigOf(name), kubeconfig(name));
  }
  await openssl(['genrsa', '-out', 'sa.key', '2048']);
  await openssl(['rsa', '-in', 'sa.key', '-pubout', '-out', 'sa.pub']);
  copyFileSync(join(KEYS, 'server.crt'), join(WEBHOOK_KEYS, 'tls.crt'));
  copyFileSync(join(KEYS, 'server.key'), join(WEBHOOK_KEYS, 'tls.key'));
  writeFileSync(done, '');
}

async function certificate(name: string, subject: string, extensions: readonly string[]): Promise<void> {
  await key(name);
  await openssl(['req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`]);
  const extensionFile = `${name}.extensions`;
  writeFileSync(join(KEYS, extensionFile), `${extensions.join('\n')}\n`);
  await openssl([
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    DAYS,
    '-out',
    `${name}.crt`,
    '-extfile',
    extensionFile,
  ]);
}

const key = (name: string) =>
  openssl(['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`]);

const openssl = (args: readonly string[]) => execa('openssl', args, { cwd: KEYS });

function kubeconfig(user: string): string {
  const file = (name: string) => JSON.stringify(join(KEYS, name));
  return `apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "${API_SERVER}", certificate-authority: ${file('ca.crt')}}}]
users: [{name: ${user}, user: {client-certificate: ${file(`${user}.crt`)}, client-key: ${file(`${user}.key`)}}}]
contexts: [{name: test, context: {cluster: test, user: ${user}}}]
current-context: test
`;
}
