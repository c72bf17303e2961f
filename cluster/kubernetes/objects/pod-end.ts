import type { PodFacts } from '../../../orchestrator/run/pod-facts.ts';
import { parseTermination, type Termination } from '../../../orchestrator/wire/termination.ts';
import { condition, hasEnded, mainContainer, type Pod } from './pod.ts';

type Terminated = NonNullable<NonNullable<ReturnType<typeof mainContainer>>['state']['terminated']>;
type PodEnd = Pick<PodFacts, 'phase' | 'endedAt' | 'exitCode' | 'signal' | 'termination' | 'nodeFailed'>;

/** A container runtime reports a process that a signal ended as 128 + its number (POSIX shells do the same). */
const SIGNALS: Readonly<Record<number, string>> = {
  130: 'SIGINT',
  132: 'SIGILL',
  134: 'SIGABRT',
  135: 'SIGBUS',
  136: 'SIGFPE',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
};
/** The command could not be started; kubelet of containerd and CRI-O says the first, others the second. */
const NOT_STARTED = ['StartError', 'ContainerCannotRun'];
/** Of a disruption: its node did not answer, or is gone. */
const NODE_FAILED = ['DeletionByTaintManager', 'DeletionByPodGC'];
/** Kubelet makes an end up for a container that it cannot find any more. */
const UNKNOWN_END = 'ContainerStatusUnknown';

/** How a bound pod ended; undefined while it has not. */
export function podEnd(pod: Pod, boundAt: number): PodEnd | undefined {
  if (!hasEnded(pod)) return undefined;
  const container = mainContainer(pod);
  const end = container?.state.terminated;
  // The API server declares the pods of a node that is gone ended, with their last state left as it was.
  if (end?.reason === UNKNOWN_END || container?.state.running) {
    const provenAt = deathProvenAt(pod);
    // Its node was deleted, or does not answer: where the record says so, nobody has to guess.
    const why = disruption(pod);
    const told = why === undefined ? {} : { termination: why };
    return provenAt === undefined
      ? undefined
      : { phase: 'lost', endedAt: Math.max(boundAt, provenAt), ...told };
  }
  const endedAt = Math.max(boundAt, lastContainerEnd(pod) ?? lastWord(pod) ?? 0);
  const nodeFailed = NODE_FAILED.includes(condition(pod, 'DisruptionTarget')?.reason ?? '');
  return { endedAt, ...(nodeFailed && { nodeFailed }), ...(end ? howItEnded(pod, end) : notBegun(pod)) };
}

const notBegun = (pod: Pod) => ({ phase: 'failed', termination: neverStarted(pod) }) as const;

function howItEnded(pod: Pod, end: Terminated): Omit<PodEnd, 'endedAt'> {
  const signal = SIGNALS[end.exitCode];
  const termination = parsedMessage(end.message) ?? inItsPlace(pod, end);
  return {
    phase: pod.status.phase === 'Succeeded' ? 'succeeded' : 'failed',
    exitCode: end.exitCode,
    ...(signal === undefined ? {} : { signal }),
    ...(termination === undefined ? {} : { termination }),
  };
}

/**
 * The termination message, when it is of the contract. Where it is the end of the log instead, it was cut anywhere: each
 * line is tried, from the last one.
 */
function parsedMessage(message: string): Termination | undefined {
  for (const text of [message, ...message.split('\n').toReversed()]) {
    const termination = parseTermination(text);
    if (termination) return termination;
  }
  return undefined;
}

/** What Kubernetes knows when the container left no word: exit code 137 alone does not tell want of memory from a kill. */
function inItsPlace(pod: Pod, end: Terminated): Termination | undefined {
  if (pod.status.phase === 'Succeeded') return undefined;
  if (NOT_STARTED.includes(end.reason))
    return { exitClass: 'configuration', message: `the command could not be started: ${end.message}` };
  if (end.reason === 'OOMKilled') {
    const limit = pod.spec.containers[0]?.resources.limits['memory'];
    const text = `the kernel ended it for want of host memory${limit ? `: its limit is ${limit}` : ''}; raise node.memory in the profile, or use fewer processes a node`;
    return { exitClass: 'out-of-memory', message: text };
  }
  return disruption(pod) ?? deletion(pod, end);
}

/**
 * A container that ended before its pod's deletion was asked for ended by itself: a JobSet deletes the pods of a gang that
 * has failed. Times have whole seconds; of one second, only a signal to end can have come of the deletion. Kubernetes keeps
 * no record of who asked.
 */
function deletion({ metadata }: Pod, end: Terminated): Termination | undefined {
  const { name, deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (deletionTimestamp === undefined) return undefined;
  const asked = deletionTimestamp - deletionGracePeriodSeconds * 1_000;
  const finished = end.finishedAt ?? 0;
  const followed = finished > asked || (finished === asked && SIGNALS[end.exitCode] === 'SIGTERM');
  if (!followed) return undefined;
  return { exitClass: 'interrupted', message: `${name} was deleted on the cluster, not by stint` };
}

/** Preempted, evicted, or its node was lost: not the work's fault. */
function disruption(pod: Pod): Termination | undefined {
  const target = condition(pod, 'DisruptionTarget');
  return (
    target && {
      exitClass: NODE_FAILED.includes(target.reason) ? 'infrastructure' : 'interrupted',
      message: `${pod.metadata.name}: ${target.reason}: ${target.message}`,
    }
  );
}

/** Refused by its node, or ended before its image was there. */
function neverStarted(pod: Pod): Termination {
  const { reason, message } = pod.status;
  const why = [reason, message].filter(Boolean).join(': ') || 'it was asked to end before';
  return (
    disruption(pod) ?? {
      exitClass: pod.metadata.deletionTimestamp === undefined ? 'infrastructure' : 'interrupted',
      message: `the command was not started: ${why}`,
    }
  );
}

function lastContainerEnd({ status }: Pod): number | undefined {
  return latest(status.containerStatuses.map(({ state }) => state.terminated?.finishedAt));
}

/**
 * When it was certain that no process of it lives, where nobody saw it end; undefined while its record does not say so yet.
 * Whoever declares it dead (pod garbage collection, for a node that is off or gone; its kubelet, back again) then takes it
 * away without grace: that has a time, where the change of its phase has none. Until then the record still has the time at
 * which its deletion was asked for, long before.
 */
function deathProvenAt(pod: Pod): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  const isAskedOnly = deletionTimestamp !== undefined && deletionGracePeriodSeconds > 0;
  return isAskedOnly ? undefined : (lastWord(pod) ?? 0);
}

/** When the API server last learned anything of the pod: a condition's change, or the wish that it be deleted. */
function lastWord({ status, metadata }: Pod): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  const asked =
    deletionTimestamp === undefined ? undefined : deletionTimestamp - deletionGracePeriodSeconds * 1_000;
  return latest([asked, ...status.conditions.map(({ lastTransitionTime }) => lastTransitionTime)]);
}

function latest(times: readonly (number | null | undefined)[]): number | undefined {
  const known = times.filter((time) => typeof time === 'number' && time > 0) as number[];
  return known.length === 0 ? undefined : Math.max(...known);
}
