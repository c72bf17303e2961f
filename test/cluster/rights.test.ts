import { expect, onTestFinished, test } from 'vitest';
import { leftoversOf, removeRun } from '../../cluster/kubernetes/act/remove-run.ts';
import { RIGHTS, rightsFor } from '../../cluster/kubernetes/inspect/rights.ts';
import { kubernetesCluster } from '../../cluster/kubernetes/kubernetes-cluster.ts';
import { needsOf } from '../../orchestrator/doctor/needs.ts';
import { type Right, resourceName } from '../../orchestrator/doctor/rights.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import type { KubernetesBackend } from '../../orchestrator/profile/kubernetes-backend.ts';
import { LABEL } from '../../orchestrator/render/keys.ts';
import { httpServer, json } from './http-server.ts';

const RUN = 'r-1';
const JOB = 'r-1-train-a1';
const TIME = '2026-01-01T00:00:00Z';
const labels = { [LABEL.run]: RUN, [LABEL.stage]: 'train', [LABEL.job]: JOB, [LABEL.attempt]: '1' };
const metadata = (name: string, more: object = {}) => ({
  uid: name,
  name,
  resourceVersion: '5',
  labels: { ...labels, ...more },
  finalizers: ['stint.dev/usage-settled'],
  creationTimestamp: TIME,
});
const POD = {
  metadata: metadata(`${JOB}-0`),
  spec: { nodeName: 'n', containers: [{ name: 'trainer' }] },
  status: {
    phase: 'Running',
    conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: TIME }],
  },
};

type Asked = `${string} ${string}`;
const VERBS: Readonly<Record<string, string>> = { PATCH: 'patch', DELETE: 'delete', POST: 'create' };

/** `patch jobsets.jobset.x-k8s.io`, or `get nodes of the cluster`: what an API server asks its authorizer. */
function rightOf(method: string, { pathname, searchParams }: URL): Asked | undefined {
  const parts = pathname.split('/').filter(Boolean);
  const group = parts[0] === 'api' ? '' : (parts[1] ?? '');
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3);
  const isNamespaced = rest[0] === 'namespaces' && rest.length > 2;
  const [resource, name, sub] = isNamespaced ? rest.slice(2) : rest;
  // Everybody may ask what the server is and what one may do.
  if (resource === undefined || group === 'authorization.k8s.io') return undefined;
  const read = searchParams.get('watch') === 'true' ? 'watch' : name === undefined ? 'list' : 'get';
  const full = [sub === undefined ? resource : `${resource}/${sub}`, group].filter(Boolean).join('.');
  return `${VERBS[method] ?? read} ${full}${isNamespaced ? '' : ' of the cluster'}`;
}

const nameOf = ({ verb, group, resource, namespace }: Right): Asked =>
  `${verb} ${[resource, group].filter(Boolean).join('.')}${namespace === null ? ' of the cluster' : ''}`;

/** An API server with one run's job and pod, which takes everything but what is not granted, and remembers what was asked. */
async function server(granted: (asked: Asked) => boolean) {
  const asked = new Set<Asked>();
  let podIsThere = true;
  const things = () => (podIsThere ? { ...THINGS, [`pods/${POD.metadata.name}`]: POD } : THINGS);
  const { load } = await httpServer((request, response) => {
    const at = new URL(request.url ?? '', 'http://server');
    const { method = 'GET' } = request;
    const right = rightOf(method, at);
    const answer = (body: unknown, status = 200) => void json(body, status)(response, at.searchParams);
    if (right === undefined) return answer({ kind: 'Status' });
    asked.add(right);
    if (!granted(right)) return answer(forbidden(right), 403);
    if (method === 'DELETE' && right === 'delete pods') podIsThere = false;
    if (method !== 'GET') return answer({ kind: 'Status' });
    const [kind = '', name = ''] = at.pathname.split('/').slice(right.startsWith('list') ? -1 : -2);
    const found = Object.entries(things());
    if (right.startsWith('list'))
      return answer({
        kind: 'List',
        items: found.flatMap(([key, it]) => (key.startsWith(`${kind}/`) ? [it] : [])),
      });
    const thing = found.find(([key]) => key === `${kind}/${name}`)?.[1];
    return thing
      ? answer({ kind: 'Pod', ...thing })
      : answer({ kind: 'Status', code: 404, message: 'not found' }, 404);
  });
  return { asked, load };
}

const THINGS: Readonly<Record<string, unknown>> = {
  [`jobsets/${JOB}`]: { kind: 'JobSet', metadata: metadata(JOB), spec: {} },
  [`configmaps/${RUN}-spec`]: { kind: 'ConfigMap', metadata: metadata(`${RUN}-spec`), data: {} },
};

function forbidden(right: Asked) {
  const [verb, resource = ''] = right.split(' ');
  const message = `User "u" cannot ${verb} resource "${resource.split('.')[0]}"`;
  return { kind: 'Status', code: 403, message };
}

async function setUp(granted: (asked: Asked) => boolean) {
  const profile = await loadProfile('h100-16');
  const backend = profile.backend as KubernetesBackend;
  const { asked, load } = await server(granted);
  const rights = rightsFor(needsOf(profile, backend));
  const cluster = kubernetesCluster({ backend, deviceResource: 'nvidia.com/gpu', load });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const { signal } = stop;
  const { context, namespace, owner } = backend;
  const place = {
    context,
    namespace,
    owner,
    run: RUN,
    deviceResource: 'nvidia.com/gpu',
    signal,
    tell: () => undefined,
    load,
  };
  const kinds = { apiVersion: 'jobset.x-k8s.io/v1alpha2', kind: 'JobSet', metadata: { name: 'new', labels } };
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', labels } };
  const acts: Readonly<Record<string, () => Promise<unknown>>> = {
    launch: () => cluster.apply([config, kinds] as never, { signal }),
    settle: () => cluster.release({ job: JOB, pods: [`${JOB}-0`], whole: true }, { signal }),
    clear: () => cluster.clear(RUN, { signal }),
    'find leftovers': () => leftoversOf(place),
    release: () => removeRun(place),
  };
  return { asked, rights, acts };
}

/** What may be asked without being allowed: who asks goes on without it. */
const WITHOUT = new Set(
  RIGHTS.filter(({ need }) => need !== 'needed').flatMap(({ verbs, of, ...row }) =>
    verbs.map((verb) => `${verb} ${resourceName(row)}${of === 'cluster' ? ' of the cluster' : ''}`),
  ),
);

const required = (rights: readonly Right[]) =>
  new Set(rights.filter(({ lost }) => lost === undefined).map(nameOf));

test('all that is done to a cluster is done with the rights that doctor’s Role gives, and nothing else', async () => {
  const all = await setUp(() => true);
  const may = required(all.rights);
  for (const name of Object.keys(all.acts)) {
    const { acts, asked } = await setUp((right) => may.has(right));
    await acts[name]?.();
    expect([name, [...asked].filter((right) => !may.has(right) && !WITHOUT.has(right))]).toEqual([name, []]);
  }
});

test('without one of them whoever needs it says which', async () => {
  const all = await setUp(() => true);
  const may = required(all.rights);
  const told = new Set<string>();
  for (const name of Object.keys(all.acts)) {
    const { acts: complete, asked } = await setUp((right) => may.has(right));
    await complete[name]?.();
    for (const missing of [...asked].filter((right) => may.has(right))) {
      const { acts } = await setUp((right) => may.has(right) && right !== missing);
      const error = await Promise.race([
        acts[name]?.().then(
          () => null,
          (thrown: unknown) => thrown,
        ),
        new Promise((done) => setTimeout(done, 1_000, 'it waits')),
      ]);
      if (!(error instanceof Error)) continue;
      const [verb, resource] = missing.split(' ');
      expect(error.message).toContain(`may not ${verb} ${resource?.split('.')[0]}`);
      told.add(missing);
    }
  }
  expect(told.size).toBeGreaterThanOrEqual(10);
});
