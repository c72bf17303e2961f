import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { KUEUE_API, TAKES_TRAINJOBS } from '../../ops/test-cluster/build.ts';
import type { Check } from '../../orchestrator/doctor/check.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import { renderRuntime } from '../../orchestrator/render/render-owner.ts';
import { freshRun, podName } from '../cluster/contract.ts';
import { shellJob } from '../cluster/shell-job.ts';
import { kubectl } from './kubectl.ts';
import { needsRealNode } from './needs-real-node.ts';
import { openKubernetes, testClient } from './open-kubernetes.ts';
import { REAL } from './profile.ts';
import { readyNodes } from './ready-nodes.ts';

const signal = AbortSignal.timeout(600_000);
const MAIN = resolve('orchestrator/main.ts');

type Kubernetes = Extract<ClusterProfile['backend'], { kind: 'kubernetes' }>;
const on = (
  backend: Partial<Kubernetes>,
  rest: Partial<ClusterProfile> = {},
  base: ClusterProfile = REAL,
): ClusterProfile => ({ ...base, ...rest, backend: { ...(base.backend as Kubernetes), ...backend } });
/** There are no nodes without devices for the stages that need none. */
const H100 = on(
  { tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }] },
  {},
  await loadProfile('h100-16'),
);
const QUEUED = { queue: { name: 'real' } };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stint-doctor-'));
});
// What it says of a cluster hangs on all of its nodes.
beforeEach(needsRealNode);
beforeEach(readyNodes);
afterAll(async () => rm(folder, { recursive: true }));

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const act of undo.splice(0).toReversed()) await act();
});

/** As a person would have written it. */
const document = ({ backend, device, node, startup, grace, ...rest }: ClusterProfile) => ({
  ...rest,
  backend: {
    ...backend,
    // As if the work volume were mounted there: this machine's own view of it is not what these tests are about.
    ...(backend.kind === 'kubernetes' && { workFolder: folder }),
    ...(backend.kind === 'kubernetes' && {
      deadlines: Object.fromEntries(
        Object.entries(backend.deadlines).map(([name, seconds]) => [name, `${seconds}s`]),
      ),
    }),
  },
  device: { ...device, memory: `${device.memory}B` },
  node: { ...node, memory: `${node.memory}B`, sharedMemory: `${node.sharedMemory}B` },
  startup: `${startup}s`,
  grace: `${grace}s`,
});

async function stint(command: string, profile: ClusterProfile, kubeconfig = process.env['KUBECONFIG']) {
  const file = join(folder, 'cluster.yaml');
  await writeFile(file, JSON.stringify(document(profile)));
  const args = ['--home', join(folder, 'home'), command, '--cluster', file, '--json'];
  const env = kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig };
  const { stdout, exitCode, stderr } = await execa(process.execPath, [MAIN, ...args], { env, reject: false });
  return { answer: JSON.parse(stdout) as unknown, exitCode, stderr };
}

/** What the doctor finds, and what of it is not well; what leaks, as of pods that are ending, other tests tell. */
async function doctor(profile: ClusterProfile, kubeconfig?: string) {
  const { answer, exitCode } = await stint('doctor', profile, kubeconfig);
  const { checks, ok } = answer as { checks: readonly Check[]; ok: boolean };
  expect(exitCode).toBe(ok ? 0 : 2);
  expect(ok).toBe(!checks.some(({ level }) => level === 'problem'));
  return { checks, troubles: checks.filter(({ level, name }) => level !== 'ok' && name !== 'leaks') };
}

const text = (words: string) => expect.stringContaining(words) as string;

/** Creates an object of the cluster that the test takes away again. */
async function create(path: string, body: { readonly metadata: { readonly name: string } } & object) {
  const place = `${path}/${body.metadata.name}`;
  await testClient().json({
    method: 'PATCH',
    path: place,
    query: { fieldManager: 'test', force: true },
    contentType: 'application/apply-patch+yaml',
    body,
    signal,
  });
  undo.push(() => testClient().json({ method: 'DELETE', path: place, signal }));
}

/** The kubeconfig of the tests with another server, or another user. */
async function changedConfig(change: (yaml: string) => string): Promise<string> {
  const file = join(folder, 'kubeconfig');
  await writeFile(file, change(await readFile(process.env['KUBECONFIG'] ?? '', 'utf8')));
  return file;
}

describe('all is well', () => {
  test.each<[string, ClusterProfile]>([
    ['the real node', REAL],
    ['the real node, through its queue', on(QUEUED)],
    [
      'the simulated nodes',
      on({ images: { trainer: 'test.local/trainer:test', allowTags: true } }, {}, H100),
    ],
  ])('on %s', async (_, profile) => {
    const { checks, troubles } = await doctor(profile);
    expect(troubles).toEqual([]);
    expect(checks.find(({ name }) => name === 'dry run')?.what).toMatch(
      /^the cluster would take the .*ConfigMap.* and Pod of a run; nothing was created$/,
    );
  });

  test('and nothing was created', async () => {
    await doctor(on(QUEUED));
    for (const path of ['/api/v1', '/apis/batch/v1'])
      for (const plural of path === '/api/v1' ? ['pods', 'services', 'configmaps'] : ['jobs']) {
        const query = { labelSelector: 'stint.dev/run=doctor' };
        const found = await testClient().json({
          path: `${path}/namespaces/stint-test/${plural}`,
          query,
          signal,
        });
        expect(found['items']).toEqual([]);
      }
  });
});

describe('what is missing is named with its mending', () => {
  test.each<[string, ClusterProfile, readonly Partial<Check>[]]>([
    [
      'the namespace',
      on({ namespace: 'nowhere', ...QUEUED }),
      [
        {
          name: 'namespace',
          what: 'there is no namespace nowhere',
          todo: text('kubectl create namespace nowhere'),
        },
      ],
    ],
    [
      'the queue',
      on({ queue: { name: 'none', priorityClass: 'urgent' } }),
      [
        { name: 'queue', what: 'namespace stint-test has no LocalQueue none', todo: text('real') },
        { name: 'priority', todo: text('development and training') },
      ],
    ],
    [
      'the volume claim',
      on({ volumeClaim: 'none' }),
      [
        {
          name: 'work volume',
          what: 'namespace stint-test has no volume claim none',
          todo: text('kubectl apply'),
        },
      ],
    ],
    [
      'the service account',
      on({ serviceAccount: 'none' }),
      [{ name: 'service account', todo: 'kubectl create serviceaccount none -n stint-test' }],
    ],
    [
      'a node with these labels',
      on({ nodeSelector: { 'kubernetes.io/hostname': 'real-9' } }),
      [
        {
          name: 'nodes',
          what: text('hostname=real-9 of backend.nodeSelector'),
          todo: text('hostname=real-0'),
        },
      ],
    ],
    [
      'the toleration of their taint',
      on({ tolerations: [] }),
      [
        {
          name: 'nodes',
          what: text('the taint real:NoSchedule'),
          todo: text('{ key: real, effect: NoSchedule }'),
        },
        { name: 'other stages', what: text('the taint real:NoSchedule') },
      ],
    ],
    [
      'enough quota, and devices on a node',
      on(QUEUED, { devicesPerNode: 24 }),
      [
        { name: 'quota', what: text('takes 24 nvidia.com/gpu, and ClusterQueue real has a quota of 16') },
        { name: 'nodes', what: text('real-0: 16 nvidia.com/gpu allocatable, a pod asks for 24') },
      ],
    ],
    [
      'a network',
      on({}, { network: { ...REAL.network, resources: { 'rdma/ib': 1 } } }),
      [{ name: 'nodes', what: text('real-0: 0 rdma/ib allocatable, a pod asks for 1') }],
    ],
    [
      'an image of one’s own',
      H100,
      [{ name: 'image', what: text('has a placeholder for its digest'), todo: text('digest') }],
    ],
  ])('%s', async (_, profile, expected) => {
    const { troubles } = await doctor(profile);
    expect(troubles).toMatchObject(expected.map((each) => ({ level: 'problem', ...each })));
  });

  test('the server', async () => {
    const file = await changedConfig((yaml) => yaml.replace(/(127\.0\.0\.1:)\d+/, '$19'));
    expect((await doctor(REAL, file)).checks).toMatchObject([
      {
        name: 'server',
        level: 'problem',
        what: text('ECONNREFUSED'),
        todo: text('kubectl get --raw /readyz'),
      },
    ]);
  });

  test('a node that was cordoned', async () => {
    const cordon = (unschedulable: boolean) =>
      testClient().json({
        method: 'PATCH',
        path: '/api/v1/nodes/gpu-1',
        contentType: 'application/merge-patch+json',
        body: { spec: { unschedulable } },
        signal,
      });
    undo.push(() => cordon(false));
    await cordon(true);
    const profile = on({ images: { trainer: 'test.local/trainer:test', allowTags: true } }, {}, H100);
    expect((await doctor(profile)).troubles).toMatchObject([
      { name: 'nodes', level: 'problem', what: text('gpu-1: cordoned'), todo: 'kubectl uncordon gpu-1' },
    ]);
  });

  test('a queue that is stopped, and one that leads nowhere', async () => {
    const queues = `/apis/kueue.x-k8s.io/${KUEUE_API}/namespaces/stint-test/localqueues`;
    const queue = (name: string, spec: object) =>
      create(queues, {
        apiVersion: `kueue.x-k8s.io/${KUEUE_API}`,
        kind: 'LocalQueue',
        metadata: { name },
        spec,
      } as never);
    await queue('held', { clusterQueue: 'real', stopPolicy: 'Hold' });
    await queue('lost', { clusterQueue: 'nowhere' });
    await expect
      .poll(async () => (await doctor(on({ queue: { name: 'held' } }))).troubles, { timeout: 20_000 })
      .toMatchObject([
        {
          name: 'queue',
          level: 'problem',
          what: text('LocalQueue held admits nothing: LocalQueue is stopped'),
        },
      ]);
    expect((await doctor(on({ queue: { name: 'lost' } }))).troubles).toMatchObject([
      { name: 'queue', what: 'LocalQueue lost leads to ClusterQueue nowhere, which does not exist' },
    ]);
  });

  test('a controller whose webhook is asked and does not answer', async () => {
    await create('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'silent' },
      webhooks: [
        {
          name: 'silent.example.com',
          clientConfig: { url: 'https://127.0.0.1:9/' },
          rules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
          ],
          objectSelector: { matchLabels: { 'stint.dev/run': 'doctor' } },
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
        },
      ],
    } as never);
    await expect
      .poll(async () => (await doctor(REAL)).troubles, { timeout: 20_000 })
      .toMatchObject([
        {
          name: 'dry run',
          level: 'problem',
          what: 'a ConfigMap cannot be created: the webhook silent.example.com does not answer',
        },
      ]);
  });
});

describe('a user without rights', () => {
  const asNobody = () => changedConfig((yaml) => yaml.replace(/user: \{/, 'user: {as: nobody, '));

  test('is told which are missing, and the role that is offered fixes it', async () => {
    const file = await asNobody();
    const { checks, troubles } = await doctor(on(QUEUED), file);
    expect(checks).toContainEqual({ name: 'user', level: 'ok', what: 'you are nobody there' });
    const rights = troubles.find(({ name }) => name === 'rights');
    expect(rights).toMatchObject({
      level: 'problem',
      what: text('you may not get, list, watch, create, patch and delete job'),
    });
    expect(troubles.filter(({ level }) => level === 'problem')).toHaveLength(1);
    expect(troubles.map(({ what }) => what)).toContainEqual(text('you may not list nodes'));

    const [, json = ''] = /<<< '(.*)'$/.exec(rights?.todo ?? '') ?? [];
    const { items } = JSON.parse(json) as { items: readonly { kind: string; metadata: { name: string } }[] };
    for (const item of items)
      await create(
        `/apis/rbac.authorization.k8s.io/v1/namespaces/stint-test/${item.kind.toLowerCase()}s`,
        item,
      );
    await expect
      .poll(async () => (await doctor(on(QUEUED), file)).checks, { timeout: 20_000 })
      .toContainEqual({
        name: 'rights',
        level: 'ok',
        what: text('you may do all'),
      });
  });

  test('may not list nodes, and is told so', async () => {
    const { answer, exitCode } = await stint('nodes', REAL, await asNobody());
    expect(exitCode).toBe(2);
    expect(answer).toMatchObject({
      problems: [{ code: 'cluster-forbidden', what: text('you may not list nodes') }],
    });
  });
});

describe('nodes', () => {
  test('are listed with who holds their devices, and pods whose run is not known here', async () => {
    const under = await openKubernetes(REAL);
    undo.push(under.close);
    const run = freshRun();
    await under.cluster.apply(await shellJob(run, { script: 'sleep 60' }, REAL), { signal });
    const name = await podName(under.cluster, run);
    const { answer, exitCode } = await stint('nodes', REAL);
    expect(exitCode).toBe(0);
    expect(answer).toMatchObject({
      seesAllPods: true,
      otherNodes: 2,
      nodes: [{ name: 'real-0', devices: 16, free: 8, holders: [{ run, devices: 8 }], failures: 0 }],
      strays: expect.arrayContaining([
        expect.objectContaining({ name, run, node: 'real-0', devices: 8, why: 'run of another store' }),
      ]) as unknown,
    });
  });
});

test.runIf(TAKES_TRAINJOBS)('runtimes of TrainJobs: absent, of another version, as rendered', async () => {
  const profile = on({ owner: 'trainjob' }, { name: 'doctor-trains' });
  const templates = await loadTemplates();
  const rendered = [true, false].map((withDevices) => renderRuntime(templates, profile, withDevices));
  const names = rendered.map(({ metadata }) => metadata.name);
  const absent = await doctor(profile);
  expect(absent.troubles.map(({ what }) => what)).toEqual(
    names.map((name) => `there is no ClusterTrainingRuntime ${name}, which the profile's TrainJobs name`),
  );

  const path = '/apis/trainer.kubeflow.org/v1alpha1/clustertrainingruntimes';
  const [devices, processors] = rendered.map((runtime) => JSON.stringify(runtime));
  const older = JSON.parse((devices ?? '').replace('"maxRestarts":3', '"maxRestarts":9')) as Manifest;
  await create(path, older);
  await create(path, JSON.parse(processors ?? '') as Manifest);
  expect((await doctor(profile)).troubles).toEqual([
    {
      name: 'runtime',
      level: 'problem',
      what: `ClusterTrainingRuntime ${names[0]} is not as this stint renders it: spec.template.spec.failurePolicy.maxRestarts is 9, should be 3`,
      todo: text('stint render --runtime --cluster PROFILE | kubectl replace --force -f -'),
    },
  ]);

  await kubectl(['replace', '--force', '--filename=-'], devices);
  const { checks, troubles } = await doctor(profile);
  expect(troubles).toEqual([]);
  expect(checks.filter(({ name }) => name === 'runtime').map(({ what }) => what)).toEqual(
    names.map((name) => `ClusterTrainingRuntime ${name} is as this stint renders it`),
  );
});
