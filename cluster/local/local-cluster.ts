import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import type { Cluster, LogOptions } from '../../orchestrator/ports/cluster.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import { writeConfigFiles } from './config-files.ts';
import { explainingDiskErrors } from './disk-error.ts';
import { followLog } from './follow-log.ts';
import { localJob } from './job-manifest.ts';
import { jobFolder, runFolder } from './layout.ts';
import type { LocalClusterOptions } from './local-cluster-options.ts';
import { observed } from './observed.ts';
import { type PodRecord, readJob, readPod, readPods } from './pod-record.ts';
import { pulses } from './pulses.ts';
import { startJob } from './start-job.ts';
import { endIfUnattended, endPod } from './stop-pod.ts';

const SAFETY_MS = 5_000;

/** Runs the pods of Indexed Jobs as process groups of this machine. They live no longer than the process that applied them. */
export function localCluster(options: LocalClusterOptions): Cluster {
  const { root } = options;

  async function apply(manifests: readonly Manifest[], { signal }: { readonly signal: AbortSignal }) {
    await explainingDiskErrors(root, async () => {
      for (const manifest of manifests) {
        signal.throwIfAborted();
        await applyOne(manifest);
      }
    });
  }

  async function applyOne(manifest: Manifest): Promise<void> {
    switch (manifest.kind) {
      case 'Service':
        return; // Pod names are resolved when a pod is launched.
      case 'ConfigMap':
        return writeConfigFiles(root, manifest);
      case 'Job':
        return startJob(localJob(manifest), options);
      default:
        throw new StintError({
          code: 'not-runnable-here',
          where: `${manifest.kind} ${manifest.metadata.name}`,
          what: `the local backend knows no ${manifest.kind}`,
          why: 'it runs Indexed Jobs with their Services and ConfigMaps',
          todo: 'run it on a Kubernetes cluster',
        });
    }
  }

  async function* watch(run: string, { signal }: { readonly signal: AbortSignal }) {
    const folder = runFolder(root, run);
    await explainingDiskErrors(root, () => mkdir(folder, { recursive: true }));
    let last = '';
    for await (const _ of pulses(folder, SAFETY_MS, signal)) {
      const records = await attended(await readPods(root, run), signal);
      const seen = observed(records.map(({ facts }) => facts));
      const text = JSON.stringify(seen);
      if (text === last) continue;
      last = text;
      yield seen;
    }
  }

  async function* logs(pod: string, { signal, follow = true }: LogOptions) {
    const pods = await findJob(root, pod.replace(/-\d+$/, ''));
    const record = pods.find(({ facts }) => facts.name === pod);
    if (record === undefined) {
      throw new StintError({
        code: 'no-such-pod',
        where: pod,
        what: `there is no pod "${pod}" in ${root}`,
        todo: 'take a name that `stint runs show` lists',
      });
    }
    yield* followLog(record.folder, signal, follow);
  }

  async function stop(job: string, wish: { readonly signal: AbortSignal; readonly graceSeconds?: number }) {
    await endAll(await findJob(root, job), wish);
  }

  async function fence(run: string, { signal }: { readonly signal: AbortSignal }) {
    await endAll(await readPods(root, run), { signal });
  }

  const endAll = (pods: readonly PodRecord[], wish: Parameters<typeof endPod>[1]) =>
    explainingDiskErrors(root, () => Promise.all(pods.map(({ folder }) => endPod(folder, wish))));

  // Nothing is kept for the ledger's sake: whatever a pod's folder holds stays.
  const release = () => Promise.resolve();
  const clear = () => Promise.resolve();
  const usableNodes = () => Promise.resolve(null);

  return {
    outlives: false,
    queues: false,
    apply,
    runs: () => runsIn(root),
    watch,
    logs,
    stop,
    fence,
    release,
    clear,
    usableNodes,
  };
}

/** The records once each pod that was started and whose supervisor is gone has its end. */
async function attended(records: readonly PodRecord[], signal: AbortSignal): Promise<readonly PodRecord[]> {
  const running = records.filter(({ facts }) => facts.phase === 'running');
  await Promise.all(running.map(({ folder, facts }) => endIfUnattended(folder, facts.uid, signal)));
  return Promise.all(records.map(async (record) => (await readPod(record.folder)) ?? record));
}

/** A folder without a pod is one that was only looked at. */
async function runsIn(root: string): Promise<readonly string[]> {
  const names = await readdir(join(root, 'runs')).catch(() => []);
  const found = await Promise.all(
    names.map(async (run) => ((await readPods(root, run)).length > 0 ? [run] : [])),
  );
  return found.flat().toSorted();
}

/** The pods of a job, whichever run it belongs to. */
async function findJob(root: string, job: string): Promise<readonly PodRecord[]> {
  const runs = await readdir(join(root, 'runs')).catch(() => []);
  const pods = await Promise.all(runs.map((run) => readJob(jobFolder(root, run, job))));
  return pods.flat();
}
