import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiError } from '../../cluster/kubernetes/api/api-error.ts';
import { applyObject } from '../../cluster/kubernetes/api/apply.ts';
import type { Call } from '../../cluster/kubernetes/api/client.ts';
import { loadConfig } from '../../cluster/kubernetes/api/load-config.ts';
import { kubernetesCluster } from '../../cluster/kubernetes/kubernetes-cluster.ts';
import { isStintError } from '../../orchestrator/errors/stint-error.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import { jobName } from '../../orchestrator/render/names.ts';
import { collect, ended, freshRun, podName, podsWhen, printed } from '../cluster/contract.ts';
import { type ShellJob, shellJob } from '../cluster/shell-job.ts';
import { killContainer } from './faults/kill-container.ts';
import { kubectl, kubectlGet } from './kubectl.ts';
import { needsRealNode } from './needs-real-node.ts';
import { openKubernetes, testClient } from './open-kubernetes.ts';
import { REAL } from './profile.ts';

const signal = AbortSignal.timeout(600_000);
const NAMESPACE = 'stint-test';
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const SAVES_ON_TERM = `trap 'exit 75' TERM; echo ready; while :; do sleep 0.05; done`;

type Kubernetes = Extract<ClusterProfile['backend'], { kind: 'kubernetes' }>;
const on = (backend: Partial<Kubernetes>, rest: Partial<ClusterProfile> = {}): ClusterProfile => ({
  ...REAL,
  ...rest,
  backend: { ...(REAL.backend as Kubernetes), ...backend },
});
const QUEUED = on({ queue: { name: 'real' } }, { devicesPerNode: 16 });

beforeEach(needsRealNode);
const opened: Awaited<ReturnType<typeof openKubernetes>>[] = [];
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close();
});

async function launch(job: ShellJob, profile = REAL) {
  const under = await openKubernetes(profile);
  opened.push(under);
  const run = freshRun();
  const manifests = await shellJob(run, job, profile);
  await under.cluster.apply(manifests, { signal });
  return { cluster: under.cluster, run, job: jobName(run, 'train', 1), manifests };
}

async function resourceVersions(manifests: readonly Manifest[]): Promise<readonly string[]> {
  const plural: Record<string, string> = { Service: 'services', ConfigMap: 'configmaps', Job: 'jobs' };
  return Promise.all(
    manifests.map(async ({ apiVersion, kind, metadata }) => {
      const root = kind === 'Job' ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      const path = `${root}/namespaces/${NAMESPACE}/${plural[kind]}/${metadata.name}`;
      const object = (await testClient().json({ path, signal })) as {
        metadata: { resourceVersion: string };
      };
      return object.metadata.resourceVersion;
    }),
  );
}

const problemsOf = async (act: Promise<unknown>) => {
  const error = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isStintError(error)) throw error;
  return error.problems;
};

describe('apply', () => {
  test('twice leaves every object as it is, to its resource version', async () => {
    const { cluster, run, manifests } = await launch({ script: 'exit 0' });
    await podsWhen(cluster, run, ended);
    await complete(jobName(run, 'train', 1));
    const before = await resourceVersions(manifests);
    await cluster.apply(manifests, { signal });
    expect(await resourceVersions(manifests)).toEqual(before);
  });

  test('by two processes at once makes one of each', async () => {
    const run = freshRun();
    const manifests = await shellJob(run, { script: 'exit 0' }, REAL);
    const both = await Promise.all([openKubernetes(), openKubernetes()]);
    opened.push(...both);
    await Promise.all(both.map(({ cluster }) => cluster.apply(manifests, { signal })));
    expect(await podsWhen(both[0].cluster, run, ended)).toHaveLength(1);
  });

  test('does not take an admitted job back from its queue', async () => {
    const { cluster, run, manifests, job } = await launch({ script: SAVES_ON_TERM }, QUEUED);
    await printed(cluster, await podName(cluster, run), 'ready');
    await cluster.apply(manifests, { signal });
    expect(await jobOf(job)).toMatchObject({ spec: { suspend: false } });
  });

  test('says which field the cluster does not know, or finds invalid', async () => {
    const { cluster } = await openKubernetes();
    const [, , job] = await shellJob(freshRun(), { script: '' }, REAL);
    const broken = (change: object) =>
      [{ ...job, spec: { ...(job?.['spec'] as object), ...change } }] as never;
    expect(await problemsOf(cluster.apply(broken({ backoffLmit: 0 }), { signal }))).toMatchObject([
      { code: 'cluster-invalid', what: expect.stringContaining('.spec.backoffLmit') as string },
    ]);
    expect(await problemsOf(cluster.apply(broken({ backoffLimit: -1 }), { signal }))).toMatchObject([
      { code: 'cluster-invalid', where: 'spec.backoffLimit' },
    ]);
  });

  test('refuses a name that another run holds', async () => {
    const { cluster, manifests } = await launch({ script: 'exit 0' });
    const [service] = manifests;
    const taken = [{ ...service, metadata: { ...service?.metadata, labels: { 'stint.dev/run': 'other' } } }];
    expect(await problemsOf(cluster.apply(taken as never, { signal }))).toMatchObject([
      { code: 'cluster-conflict' },
    ]);
  });

  test('tells whose fields are in the way where somebody is quicker, and has then set nothing', async () => {
    const run = freshRun();
    const [, config] = await shellJob(run, { script: '' }, REAL);
    if (config?.kind !== 'ConfigMap') throw new Error('the second object is not the ConfigMap');
    const { name } = config.metadata;
    const [field = ''] = Object.keys(config['data'] as object);
    const theirs = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { [field]: 'theirs' },
    };
    const args = [
      'apply',
      `--namespace=${NAMESPACE}`,
      '--server-side',
      '--field-manager=gitops',
      '--filename=-',
    ];
    const client = testClient();
    const answers: number[] = [];
    /** Somebody makes the object between the look that finds nothing and the order to make it. */
    const overtaken = {
      ...client,
      json: async (call: Call) => {
        if (call.method === 'PATCH') await kubectl(args, JSON.stringify(theirs));
        return client.json(call).catch((error: unknown) => {
          if (error instanceof ApiError) answers.push(error.status);
          throw error;
        });
      },
    };
    const refused = await problemsOf(applyObject(overtaken, config, { namespace: NAMESPACE, signal }));
    expect([answers, refused]).toMatchObject([
      [404, 409],
      [
        {
          code: 'cluster-conflict',
          what: expect.stringMatching(/of no run; its fields are set by "gitops"$/),
        },
      ],
    ]);
    expect(await kubectlGet('configmap', name, `--namespace=${NAMESPACE}`)).toMatchObject({
      data: theirs.data,
    });
    await kubectl(['delete', 'configmap', name, `--namespace=${NAMESPACE}`]);
  });

  test('says which right is missing', async () => {
    const load = () => {
      const config = loadConfig(undefined);
      config.users = config.users.map((user) => ({ ...user, impersonateUser: 'nobody' }));
      return config;
    };
    const cluster = kubernetesCluster({
      backend: REAL.backend as Kubernetes,
      deviceResource: undefined,
      load,
    });
    const manifests = await shellJob(freshRun(), { script: '' }, REAL);
    expect(await problemsOf(cluster.apply(manifests, { signal }))).toMatchObject([
      { code: 'cluster-forbidden', what: 'the user "nobody" may not get services' },
    ]);
  });
});

describe('stop', () => {
  test('leaves the job as the record, and it makes no pod again', async () => {
    const { cluster, run, job } = await launch({ script: SAVES_ON_TERM });
    await printed(cluster, await podName(cluster, run), 'ready');
    await cluster.stop(job, { signal });
    expect(await jobOf(job)).toMatchObject({ spec: { suspend: true } });
    await settled();
    expect(await podsWhen(cluster, run, () => true)).toMatchObject([{ phase: 'failed', exitCode: 75 }]);
  });

  test('ends a job that a queue has admitted, and the queue does not start it again', async () => {
    const { cluster, run, job } = await launch({ script: SAVES_ON_TERM }, QUEUED);
    await printed(cluster, await podName(cluster, run), 'ready');
    await cluster.stop(job, { signal });
    await settled();
    expect(await podsWhen(cluster, run, () => true)).toMatchObject([{ phase: 'failed', exitCode: 75 }]);
  });

  test('ends the wait of a job in a queue', async () => {
    const first = await launch({ script: SAVES_ON_TERM }, QUEUED);
    await podName(first.cluster, first.run);
    const second = await launch({ script: 'exit 0' }, QUEUED);
    await second.cluster.stop(second.job, { signal });
    await first.cluster.stop(first.job, { signal });
    await settled();
    expect(await podsWhen(second.cluster, second.run, () => true)).toEqual([]);
  });

  test('ends a job whose pod no node takes', async () => {
    const { cluster, run, job } = await launch({ script: 'exit 0' }, on({ nodeSelector: { no: 'where' } }));
    await settled();
    await cluster.stop(job, { signal });
    expect(await podsWhen(cluster, run, () => true)).toEqual([]);
  });
});

describe('of a pod is known', () => {
  test('that want of host memory ended it, not somebody', async () => {
    const memory = { node: { ...REAL.node, memory: 48 << 20 } };
    const { cluster, run } = await launch(
      { script: 'exec python -c "x = bytearray(200 << 20)"' },
      on({}, memory),
    );
    const [pod] = await podsWhen(cluster, run, ended);
    expect(pod).toMatchObject({
      phase: 'failed',
      exitCode: 137,
      termination: { exitClass: 'out-of-memory' },
    });
  });

  test('that somebody killed it', async () => {
    const { cluster, run } = await launch({ script: 'echo ready; sleep 60' });
    const name = await podName(cluster, run);
    await printed(cluster, name, 'ready');
    await killContainer(NAMESPACE, name);
    const [pod] = await podsWhen(cluster, run, ended);
    expect(pod).toMatchObject({ phase: 'failed', exitCode: 137 });
    expect(pod?.termination?.exitClass).not.toBe('out-of-memory');
  });

  test('that it is lost, when its record goes before its end', async () => {
    const { cluster, run } = await launch({ script: 'sleep 5' });
    const name = await podName(cluster, run);
    const watching = podsWhen(cluster, run, ended);
    const query = { gracePeriodSeconds: 0 };
    await testClient().json({ method: 'DELETE', path: `${PODS}/${name}`, query, signal });
    await testClient().json({
      method: 'PATCH',
      path: `${PODS}/${name}`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
      signal,
    });
    expect(await watching).toMatchObject([{ phase: 'lost', name }]);
  });

  test('every line, when it prints many at once', async () => {
    const { cluster, run } = await launch({
      script: 'i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; sleep 1; echo last',
    });
    const lines = await collect(cluster.logs(await podName(cluster, run), { signal }));
    expect(lines.map(({ text }) => text)).toEqual([
      ...Array.from({ length: 3000 }, (_, i) => `line ${i}`),
      'last',
    ]);
  });
});

const jobOf = (job: string) =>
  testClient().json({ path: `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${job}`, signal });

/** The job's controller has written down that it is complete. */
async function complete(job: string): Promise<void> {
  for (;;) {
    const { status } = (await jobOf(job)) as { status: { completionTime?: string } };
    if (status.completionTime !== undefined) return;
    await settled(100);
  }
}

/** Whatever would start a pod again has had its time. */
const settled = (ms = 3_000) => new Promise((done) => setTimeout(done, ms));
