import { ANNOTATION, COMPLETION_INDEX, FINALIZER, LABEL } from '../../../orchestrator/render/keys.ts';
import type { PodFacts } from '../../../orchestrator/run/pod-facts.ts';
import { StageSchema } from '../../../orchestrator/wire/job-spec.ts';
import { condition, mainContainer, type Pod } from './pod.ts';
import { podEnd } from './pod-end.ts';

/**
 * What the API server's record of a pod says, in the domain's words; undefined for a pod that is not a run's, or is not
 * bound to a node yet and so holds nothing.
 *
 * Its times have whole seconds, cut off. A pod is billed from the second of its binding to the second in which its last
 * container ended, both as they stand in the record: each is at most a second early, so the difference is off by less
 * than a second, to either side, and anyone who reads the same record finds the same sum. A node's clock may lag the API
 * server's: what it reports from before the binding counts as at the binding.
 */
export function podFacts(pod: Pod, deviceResource: string | undefined): PodFacts | undefined {
  const boundAt = condition(pod, 'PodScheduled')?.lastTransitionTime;
  const role = roleOf(pod);
  if (!boundAt || role === undefined || pod.spec.nodeName === '') return undefined;
  const state = mainContainer(pod)?.state;
  const begun = state?.running?.startedAt ?? state?.terminated?.startedAt;
  // A container that could not be started has the year 1970 here.
  const startedAt = begun ? { startedAt: Math.max(boundAt, begun) } : {};
  return {
    ...role,
    node: pod.spec.nodeName,
    devices: devicesOf(pod, deviceResource),
    createdAt: pod.metadata.creationTimestamp,
    boundAt,
    ...startedAt,
    ...(podEnd(pod, boundAt) ?? { phase: begun ? 'running' : 'pending', ...trouble(pod) }),
    ...(pod.metadata.finalizers.includes(FINALIZER) && { retained: true }),
  };
}

/** What keeps a pod that has not ended from running, or from ending. */
function trouble(pod: Pod): Pick<PodFacts, 'waiting' | 'unreachableSince' | 'dueToEndAt'> {
  const { deletionTimestamp } = pod.metadata;
  const state = mainContainer(pod)?.state;
  const ready = pod.status.conditions.find(({ type }) => type === 'Ready');
  // A container that runs is ready, there being no probe that could say otherwise: only a node that is silent is not.
  const isSilent = state?.running !== undefined && ready?.status !== 'True' && ready?.lastTransitionTime;
  return {
    ...(state?.waiting && { waiting: state.waiting }),
    ...(isSilent && { unreachableSince: isSilent }),
    ...(deletionTimestamp !== undefined && { dueToEndAt: deletionTimestamp }),
  };
}

/** Which part of which run it is, by what its job template wrote on it; undefined for a pod of nobody's run. */
function roleOf({ metadata: { labels, annotations, uid, name } }: Pod) {
  const run = labels[LABEL.run];
  const stage = StageSchema.safeParse(labels[LABEL.stage]);
  if (run === undefined || !stage.success) return undefined;
  const launch = Number(labels[LABEL.attempt] ?? 1);
  return {
    uid,
    name,
    job: labels[LABEL.job] ?? name,
    run,
    stage: stage.data,
    launch,
    // Of several lives under one job each pod says the same; the controller tells them apart.
    attempt: launch,
    index: Number(annotations[COMPLETION_INDEX] ?? labels[COMPLETION_INDEX] ?? 0),
    deviceModel: annotations[ANNOTATION.deviceModel] ?? '',
  };
}

/** What the scheduler took from the node for it; on processors, which are no resource of their own, what its stage says. */
export function devicesOf({ spec, metadata }: Pod, resource: string | undefined): number {
  if (resource === undefined) return Number(metadata.annotations[ANNOTATION.devices] ?? 0);
  return spec.containers.reduce((sum, { resources }) => sum + Number(resources.requests[resource] ?? 0), 0);
}
