import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ApiError } from '../../cluster/kubernetes/api/api-error.ts';
import { apiClient } from '../../cluster/kubernetes/api/client.ts';
import { loadConfig } from '../../cluster/kubernetes/api/load-config.ts';
import { apiProxy } from './faults/api-proxy.ts';
import { compactEtcd } from './faults/compact-etcd.ts';
import { deleteNode, replaceNode } from './faults/delete-node.ts';
import { drainNode, uncordonNode } from './faults/drain-node.ts';
import { findNode, loseNode } from './faults/lose-node.ts';
import { preempt } from './faults/preempt.ts';
import { restartApiServer } from './faults/restart-api-server.ts';
import { activate, deactivate, workloadOf } from './faults/workload.ts';
import { kubectl, kubectlGet } from './kubectl.ts';
import { testClient } from './open-kubernetes.ts';
import { simulatedJob } from './simulated-job.ts';

const signal = AbortSignal.timeout(600_000);
const NAMESPACE = 'training';
const IN = `--namespace=${NAMESPACE}`;

const jobs: string[] = [];
afterEach(async () => {
  if (jobs.length > 0) await kubectl(['delete', 'jobs', IN, ...jobs.splice(0)]);
});

/** A job whose pods run, one on each node. */
async function running(queue = 'training-flat', pods = 2): Promise<string> {
  const name = `faults-${Date.now().toString(36)}`;
  await simulatedJob({ namespace: NAMESPACE, name, queue, pods });
  jobs.push(name);
  await until(`job/${name}`, `jsonpath={.status.ready}=${pods}`);
  return name;
}

const until = (what: string, state: string) => kubectl(['wait', what, IN, `--for=${state}`, '--timeout=60s']);

async function conditions(kind: string, name: string): Promise<readonly string[]> {
  const { status } = (await kubectlGet(kind, name, IN)) as {
    status: { conditions?: readonly { type: string; status: string; reason?: string }[] };
  };
  return (status.conditions ?? []).map(({ type, status: is, reason }) =>
    `${type}=${is} ${reason ?? ''}`.trim(),
  );
}

const podOn = async (job: string, node: string): Promise<string> =>
  kubectl([
    'get',
    'pods',
    IN,
    `--selector=job-name=${job}`,
    `--field-selector=spec.nodeName=${node}`,
    '--output=jsonpath={.items[0].metadata.name}',
  ]);

describe('a node', () => {
  test('that is lost becomes NotReady and keeps its pod Running; found again it is Ready', async () => {
    const job = await running();
    await loseNode('gpu-1');
    try {
      expect((await conditions('node', 'gpu-1')).join()).toContain('Ready=Unknown NodeStatusUnknown');
      const { status } = (await kubectlGet('pod', await podOn(job, 'gpu-1'), IN)) as { status: unknown };
      expect(status).toMatchObject({ phase: 'Running' });
    } finally {
      await findNode('gpu-1');
    }
    expect((await conditions('node', 'gpu-1')).join()).toContain('Ready=True');
  });

  test('that is deleted leaves its pod behind; replaced it takes pods again', async () => {
    const job = await running();
    const pod = await podOn(job, 'gpu-1');
    await deleteNode('gpu-1');
    try {
      expect(await kubectlGet('pod', pod, IN)).toMatchObject({ status: { phase: 'Running' } });
    } finally {
      await replaceNode('gpu-1');
    }
    await kubectl(['delete', 'pod', pod, IN, '--force', '--grace-period=0']);
    const other = await running('training-flat', 1);
    expect(other).not.toBe(job);
  });

  test('that is drained has its pods evicted, as a disruption', async () => {
    const job = await running();
    const pod = await podOn(job, 'gpu-0');
    await kubectl(['patch', 'pod', pod, IN, '--type=merge', '--patch', HELD]);
    await drainNode('gpu-0', NAMESPACE);
    try {
      await until(`pod/${pod}`, 'jsonpath={.status.phase}=Failed');
      expect((await conditions('pod', pod)).join()).toContain('DisruptionTarget=True EvictionByEvictionAPI');
    } finally {
      await kubectl(['patch', 'pod', pod, IN, '--type=merge', '--patch', FREED]);
      await uncordonNode('gpu-0');
    }
  });
});

const HELD = JSON.stringify({ metadata: { finalizers: ['stint.dev/test'] } });
const FREED = JSON.stringify({ metadata: { finalizers: null } });

describe('of the queue', () => {
  test('a deactivated workload suspends its job; activated it runs again', async () => {
    const job = await running();
    await deactivate(NAMESPACE, job);
    await until(`job/${job}`, 'condition=Suspended');
    expect((await workloadOf(NAMESPACE, job)).status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Evicted', status: 'True', reason: 'Deactivated' }),
    );
    await activate(NAMESPACE, job);
    await until(`job/${job}`, 'jsonpath={.status.ready}=2');
  });

  test('work of a higher priority suspends a job, which runs again after it', async () => {
    const job = await running('training');
    const giveBack = await preempt(NAMESPACE, 'training');
    try {
      await until(`job/${job}`, 'condition=Suspended');
      expect((await workloadOf(NAMESPACE, job)).status?.conditions).toContainEqual(
        expect.objectContaining({ type: 'Evicted', status: 'True', reason: 'Preempted' }),
      );
    } finally {
      await giveBack();
    }
    await until(`job/${job}`, 'jsonpath={.status.ready}=2');
  });
});

describe('the API server', () => {
  const place = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
  const revision = async () =>
    ((await testClient().json({ path: place, signal })) as { metadata: { resourceVersion: string } }).metadata
      .resourceVersion;

  test('restarted with a compacted store has forgotten what was before', async () => {
    const before = await revision();
    const then = { resourceVersion: before, resourceVersionMatch: 'Exact' };
    const asThen = () => testClient().json({ path: place, query: then, signal });
    await asThen();
    await kubectl(['annotate', 'namespace', NAMESPACE, `stint.dev/touched=${Date.now()}`, '--overwrite']);
    await compactEtcd();
    let answered: unknown;
    await restartApiServer(async () => {
      answered = await testClient()
        .json({ path: '/readyz', signal: AbortSignal.timeout(500) })
        .catch((error: unknown) => error);
    });
    expect(answered).toBeInstanceOf(Error);
    await expect(asThen()).rejects.toMatchObject({ status: 410 });
    const query = { watch: true, resourceVersion: before, timeoutSeconds: 5 };
    const first = await firstOf(testClient().stream({ path: place, query, signal, silenceMs: 10_000 }));
    expect(first).toMatch(/"code":410/);
  });

  test('over a wire that is cut breaks a watch off; silenced it says nothing more', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stint-proxy-'));
    const proxy = await apiProxy();
    try {
      const kubeconfig = join(folder, 'kubeconfig');
      proxy.writeKubeconfig(kubeconfig);
      const config = loadConfig(undefined);
      config.loadFromFile(kubeconfig);
      const client = apiClient(() => config);
      const query = { watch: true, resourceVersion: await revision() };
      const watch = () => client.stream({ path: place, query, signal, silenceMs: 1_000 });

      const watching = firstOf(watch());
      setTimeout(() => proxy.cut(), 300);
      await expect(watching).rejects.toThrow(ApiError);

      const silenced = firstOf(watch());
      setTimeout(() => proxy.silence(), 300);
      await expect(silenced).rejects.toThrow(/timeout/i);
    } finally {
      await proxy.close();
      rmSync(folder, { recursive: true });
    }
  });
});

async function firstOf(stream: Promise<AsyncIterable<Buffer>>): Promise<string> {
  for await (const chunk of await stream) return chunk.toString();
  return '';
}
