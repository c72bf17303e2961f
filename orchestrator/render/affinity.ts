import { LABEL } from './keys.ts';
import { jobName } from './names.ts';
import { podCount, type StageRequest } from './request.ts';

const HOSTNAME = 'kubernetes.io/hostname';

/** Which nodes the pods of a stage may not share or use; undefined when that is nobody's concern. */
export function affinity(request: StageRequest): Readonly<Record<string, unknown>> | undefined {
  const { profile, run, stage, attempt, avoidNodes } = request;
  const apart =
    profile.backend.kind === 'kubernetes' && profile.backend.onePodPerNode && podCount(request) > 1;
  if (!apart && avoidNodes.length === 0) return undefined;
  return {
    ...(avoidNodes.length > 0 && { nodeAffinity: notOn(avoidNodes) }),
    ...(apart && { podAntiAffinity: apartFrom({ [LABEL.job]: jobName(run, stage, attempt) }) }),
  };
}

const notOn = (nodes: readonly string[]) => ({
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [
      { matchExpressions: [{ key: HOSTNAME, operator: 'NotIn', values: [...nodes].toSorted() }] },
    ],
  },
});

const apartFrom = (matchLabels: Readonly<Record<string, string>>) => ({
  requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOSTNAME, labelSelector: { matchLabels } }],
});
