import type { Stage } from '../wire/job-spec.ts';
import type { PodFacts } from './pod-facts.ts';

/** What is remembered of a pod that was seen before; the cluster may have let go of it since. */
export interface KnownPod {
  readonly stage: Stage;
  readonly attempt: number;
  readonly boundAt: number;
  readonly endedAt: number | undefined;
}

/** By how much the clock of a node, which says when a pod has ended, may be ahead of that of the API server. */
const CLOCKS_MAY_DIFFER_MILLISECONDS = 5_000;

/**
 * Says which attempt each pod is a part of. A job may start its gang again under one name, by its own rules or because its
 * queue took it back, and no label numbers these lives (Kueue changes none). So they are told apart by what a life is: its
 * pods come together, each index once, and it is over before the next begins.
 *
 * @param known - By uid. A number once given is kept, because the ledger has it.
 */
export function numberAttempts(
  pods: readonly PodFacts[],
  known: ReadonlyMap<string, KnownPod>,
): readonly PodFacts[] {
  const numbered = new Map<string, PodFacts>();
  const present = new Set(pods.map(({ uid }) => uid));
  const vanished = [...known].flatMap(([uid, pod]) => (present.has(uid) ? [] : [pod]));
  for (const launched of Map.groupBy(pods, ({ job }) => job).values()) {
    const placed = launched.flatMap((pod) => {
      const seen = known.get(pod.uid);
      return seen === undefined ? [] : [{ ...pod, attempt: seen.attempt }];
    });
    const fresh = launched.filter(({ uid }) => !known.has(uid)).toSorted(byCreation);
    for (const pod of fresh) placed.push({ ...pod, attempt: attemptOf(pod, placed, vanished) });
    for (const pod of placed) numbered.set(pod.uid, pod);
  }
  return pods.map((pod) => numbered.get(pod.uid) ?? pod);
}

function attemptOf(pod: PodFacts, placed: readonly PodFacts[], vanished: readonly KnownPod[]): number {
  const gone = vanished.filter(({ stage }) => stage === pod.stage);
  const newest = Math.max(pod.launch, ...[...placed, ...gone].map(({ attempt }) => attempt));
  const peers = placed.filter(({ attempt }) => attempt === newest);
  const before = gone.filter(({ attempt }) => attempt === newest);
  if (peers.length + before.length === 0) return newest;
  const isTaken = peers.some(({ index }) => index === pod.index);
  // Times have whole seconds: what ended in the second of this pod's creation may still be its peer, unless it is gone.
  const isPast =
    peers.every(({ endedAt }) => endedAt !== undefined && endedAt < pod.createdAt) &&
    before.every((earlier) => isOfEarlierLife(earlier, pod.createdAt));
  return isTaken || isPast ? newest + 1 : newest;
}

/** Of a pod that is gone, beside one that was made at that time. */
function isOfEarlierLife({ boundAt, endedAt }: KnownPod, createdAt: number): boolean {
  // Its record was taken away, before the new pod was first seen.
  if (endedAt === undefined || endedAt <= createdAt) return true;
  // A node's clock may be ahead; the binding is by the clock that the creation is by, and a gang is made as one.
  return boundAt < createdAt && endedAt - CLOCKS_MAY_DIFFER_MILLISECONDS <= createdAt;
}

const byCreation = (a: PodFacts, b: PodFacts): number => a.createdAt - b.createdAt || a.index - b.index;
