import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { API_SERVER, AUDIT_LOG, KEYS, PEOPLE } from '../../ops/test-cluster/layout.ts';
import { BIN, type Ended } from '../end-to-end/stint.ts';
import { kubectl } from './kubectl.ts';

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A request as the API server wrote it down. */
export interface AuditedRequest {
  /** `patch jobsets.jobset.x-k8s.io`; with ` of the cluster` where it is of no namespace. */
  readonly right: string;
  readonly uri: string;
  readonly code: number;
  /** When the API server had it, milliseconds since the epoch. */
  readonly at: number;
}

/** Somebody who may only what a test allows, and whose requests the API server writes down. */
export interface Person {
  /** As the API server knows them. */
  readonly user: string;
  readonly kubeconfig: string;
  /** In place of what was allowed there before. */
  readonly allow: (namespace: string, rules: readonly Rule[]) => Promise<void>;
  /** A command as this person. */
  readonly stint: (home: string, ...args: readonly string[]) => Promise<Ended>;
  readonly start: (home: string, ...args: readonly string[]) => ReturnType<typeof startAs>;
  /** All so far but questions about themselves, oldest first. */
  readonly requests: () => Promise<readonly AuditedRequest[]>;
}

const ENVIRONMENT = { reject: false, stdin: 'ignore' } as const;

const startAs = (kubeconfig: string, home: string, args: readonly string[]) =>
  execa(process.execPath, [BIN, '--home', home, ...args], {
    ...ENVIRONMENT,
    env: { STINT_STORE: '', STINT_HOME: '', KUBECONFIG: kubeconfig },
  });

/** @param server - Over which wire they ask. */
export async function newPerson(server = API_SERVER): Promise<Person> {
  const name = `p-${randomBytes(4).toString('hex')}`;
  const user = `system:serviceaccount:${PEOPLE}:${name}`;
  await kubectl(['create', 'serviceaccount', name, `--namespace=${PEOPLE}`]);
  const token = await kubectl(['create', 'token', name, `--namespace=${PEOPLE}`]);
  const kubeconfig = join(await mkdtemp(join(tmpdir(), 'stint-person-')), 'kubeconfig');
  const authority = await readFile(join(KEYS, 'ca.crt'), 'base64');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': authority } }],
      users: [{ name, user: { token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: name } }],
      'current-context': 'test',
    }),
    { mode: 0o600 },
  );
  return {
    user,
    kubeconfig,
    allow: (namespace, rules) => kubectlApply(roleFor({ name, user, namespace, rules })),
    stint: async (home, ...args) => {
      const { exitCode, stdout, stderr } = await startAs(kubeconfig, home, args);
      return { code: exitCode, stdout, stderr };
    },
    start: (home, ...args) => startAs(kubeconfig, home, args),
    requests: () => requestsOf(user),
  };
}

export async function kubectlApply(object: unknown): Promise<void> {
  await kubectl(['apply', '--server-side', '--force-conflicts', '--filename=-'], JSON.stringify(object));
}

const RBAC = 'rbac.authorization.k8s.io';

function roleFor(of: {
  readonly name: string;
  readonly user: string;
  readonly namespace: string;
  readonly rules: readonly Rule[];
}) {
  const { name, user, namespace, rules } = of;
  const metadata = { name, namespace };
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata, rules },
      {
        apiVersion: `${RBAC}/v1`,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: RBAC, kind: 'Role', name },
        subjects: [{ apiGroup: RBAC, kind: 'User', name: user }],
      },
    ],
  };
}

interface AuditEvent {
  readonly auditID: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly requestReceivedTimestamp: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly apiGroup?: string;
  };
  readonly responseStatus?: { readonly code: number };
}

/** A watch is written down twice, at its start and at its end. */
async function requestsOf(user: string): Promise<readonly AuditedRequest[]> {
  const lines = (await readFile(AUDIT_LOG, 'utf8')).split('\n').slice(0, -1);
  const events = lines
    .filter((line) => line.includes(user))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter((event) => event.user.username === user);
  const each = new Map(events.map((event) => [event.auditID, event]));
  return [...each.values()].flatMap(
    ({ verb, requestURI, objectRef, responseStatus, requestReceivedTimestamp }) => {
      if (objectRef === undefined || objectRef.apiGroup?.startsWith('auth')) return [];
      const { resource, subresource, namespace, apiGroup } = objectRef;
      const full = [subresource === undefined ? resource : `${resource}/${subresource}`, apiGroup]
        .filter(Boolean)
        .join('.');
      const right = `${verb} ${full}${namespace === undefined ? ' of the cluster' : ''}`;
      const at = Date.parse(requestReceivedTimestamp);
      return [{ right, uri: requestURI, code: responseStatus?.code ?? 0, at }];
    },
  );
}
