import { ApiError } from '../api/api-error.ts';
import type { ApiClient } from '../api/client.ts';
import { listWatch } from '../api/list-watch.ts';
import { hasEnded, type Pod, PodSchema } from '../objects/pod.ts';
import type { PodSnapshot } from '../observe/seen-pods.ts';

export interface EndWish {
  readonly path: string;
  readonly labelSelector: string;
  readonly graceSeconds: number | undefined;
  readonly signal: AbortSignal;
  /** Told of each full set, with what vanished from it. */
  readonly look: (set: Omit<PodSnapshot, 'covers'>) => void;
  readonly say: (what: string) => void;
  /** Told again and again of a node whose pod should have ended long ago. */
  readonly overdue: { readonly afterMs: number; readonly onNode: (node: string) => Promise<void> };
}

/** A pod that does not end changes nothing, so nothing but a clock tells of it. */
const LOOK_MS = 5_000;

/**
 * Asks every pod that the selector finds to end, also those that appear meanwhile, and returns when none is alive: each
 * has ended by its node's word, or the API server has let go of it.
 */
export async function endPods(client: ApiClient, { path, labelSelector, ...wish }: EndWish): Promise<void> {
  const asked = new Set<string>();
  let alive: readonly Pod[] = [];
  const clock = setInterval(() => void tellOverdue(alive, wish), LOOK_MS);
  try {
    for await (const sight of listWatch(client, { path, labelSelector, signal: wish.signal })) {
      if (sight.kind === 'degraded') wish.say(sight.what);
      if (sight.kind === 'degraded' || sight.kind === 'restored') continue;
      wish.look(sight);
      alive = sight.objects.map((object) => PodSchema.parse(object)).filter((pod) => !hasEnded(pod));
      if (alive.length === 0) return;
      const fresh = alive.filter(({ metadata }) => !asked.has(metadata.uid));
      await Promise.all(fresh.map((pod) => askToEnd(client, `${path}/${pod.metadata.name}`, pod, wish)));
      for (const { metadata } of fresh) asked.add(metadata.uid);
    }
  } finally {
    clearInterval(clock);
  }
  wish.signal.throwIfAborted();
}

async function tellOverdue(
  pods: readonly Pod[],
  { overdue, say }: Pick<EndWish, 'overdue' | 'say'>,
): Promise<void> {
  const nodes = pods
    .filter(({ metadata }) => Date.now() > (metadata.deletionTimestamp ?? Infinity) + overdue.afterMs)
    .map(({ spec }) => spec.nodeName);
  for (const node of new Set(nodes.filter(Boolean)))
    await overdue.onNode(node).catch((error: unknown) => say(String(error)));
}

/**
 * SIGTERM now, SIGKILL after the grace period, which a later wish may shorten only. Never a grace period of 0: that
 * takes the record away at once and proves nothing.
 */
async function askToEnd(
  client: ApiClient,
  path: string,
  { metadata: { uid } }: Pod,
  { graceSeconds, signal }: Pick<EndWish, 'graceSeconds' | 'signal'>,
): Promise<void> {
  const grace =
    graceSeconds === undefined ? {} : { gracePeriodSeconds: Math.max(1, Math.ceil(graceSeconds)) };
  try {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid }, ...grace };
    await client.json({ method: 'DELETE', path, body, contentType: 'application/json', signal });
  } catch (error) {
    // Gone already, or another pod has its name by now.
    if (!(error instanceof ApiError && (error.status === 404 || error.status === 409))) throw error;
  }
}
