import type { KubeConfig } from '@kubernetes/client-node';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import { LABEL } from '../../orchestrator/render/keys.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import type { Cluster, LogOptions } from '../port.ts';
import { applyObject } from './apply.ts';
import { apiClient, type JsonObject } from './client.ts';
import { endPods } from './end-pods.ts';
import { followLog } from './follow-log.ts';
import { holdBack, holdBackByName } from './hold-back.ts';
import { listWatch } from './list-watch.ts';
import { loadConfig } from './load-config.ts';
import { jobsIn, podsIn } from './places.ts';
import { SeenPods } from './seen-pods.ts';

export interface KubernetesOptions {
  readonly backend: Extract<ClusterProfile['backend'], { kind: 'kubernetes' }>;
  /** Extended resource by which devices are counted; undefined where they are processors. */
  readonly deviceResource: string | undefined;
  /** Told of trouble that is being dealt with, in words for a person. */
  readonly say?: (what: string) => void;
  /** Where credentials come from; default: where kubectl finds them. */
  readonly load?: () => KubeConfig;
}

/** Runs rendered jobs on a Kubernetes cluster, in one namespace, with whatever rights the credentials give. */
export function kubernetesCluster(options: KubernetesOptions): Cluster {
  const { backend, deviceResource, say = () => undefined } = options;
  const { namespace } = backend;
  const client = apiClient(options.load ?? (() => loadConfig(backend.context)));
  const pods = podsIn(namespace);
  const seen = new SeenPods(deviceResource);

  async function apply(manifests: readonly Manifest[], { signal }: { readonly signal: AbortSignal }) {
    for (const manifest of manifests) await applyObject(client, manifest, { namespace, signal });
  }

  async function* watch(run: string, { signal }: { readonly signal: AbortSignal }) {
    const covers = (pod: PodFacts) => pod.run === run;
    let last = '';
    for await (const sight of listWatch(client, {
      path: pods,
      labelSelector: `${LABEL.run}=${run}`,
      signal,
    })) {
      if (sight.kind === 'degraded') {
        say(sight.what);
        continue;
      }
      seen.take({ ...sight, covers });
      const facts = seen.of(run);
      const text = JSON.stringify(facts);
      if (text === last) continue;
      last = text;
      yield facts;
    }
  }

  async function* logs(pod: string, { signal, follow = true }: LogOptions) {
    yield* followLog(client, { path: `${pods}/${pod}`, follow, signal, say });
  }

  const end = (
    labelSelector: string,
    covers: (pod: PodFacts) => boolean,
    { signal, graceSeconds }: { readonly signal: AbortSignal; readonly graceSeconds?: number },
  ) => {
    const look = (objects: readonly JsonObject[], vanished: readonly JsonObject[]) =>
      seen.take({ objects, vanished, covers });
    return endPods(client, { path: pods, labelSelector, graceSeconds, signal, look, say });
  };

  async function stop(job: string, wish: { readonly signal: AbortSignal; readonly graceSeconds?: number }) {
    await holdBackByName(client, job, { namespace, signal: wish.signal });
    await end(`batch.kubernetes.io/job-name=${job}`, (pod) => pod.job === job, wish);
  }

  async function fence(run: string, { signal }: { readonly signal: AbortSignal }) {
    const labelSelector = `${LABEL.run}=${run}`;
    const jobs = await client.json({ path: jobsIn(namespace), query: { labelSelector }, signal });
    for (const job of jobs['items'] as readonly JsonObject[])
      await holdBack(client, job, { namespace, signal });
    await end(labelSelector, (pod) => pod.run === run, { signal });
  }

  return { apply, watch, logs, stop, fence };
}
