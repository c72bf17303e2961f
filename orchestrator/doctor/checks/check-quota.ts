import { byteQuantity } from '../../render/resources.ts';
import { counted } from '../../units/counted.ts';
import { formatInteger } from '../../units/format.ts';
import { type Check, ok, problem, warning } from '../check.ts';
import type { ClusterQueueFinding, QuotaGroup } from '../cluster-findings.ts';
import type { ClusterNeeds } from '../needs.ts';

/** All pods of a run together are within the quota; Kueue admits all or none. */
export function checkQuota(needs: ClusterNeeds, queue: ClusterQueueFinding): readonly Check[] {
  const wanted = Object.entries(needs.perPod).map(([resource, each]) => ({
    resource,
    gang: each * needs.pods,
  }));
  const short = wanted.flatMap(({ resource, gang }) => shortOf(needs, queue, resource, gang));
  return short.length > 0 ? short : [enough(needs, queue)];
}

function shortOf(
  { pods }: ClusterNeeds,
  queue: ClusterQueueFinding,
  resource: string,
  gang: number,
): readonly Check[] {
  const takes = `a run of ${counted(pods, 'pod')} takes ${amount(resource, gang)} ${resource}`;
  const group = queue.groups.find(({ resources }) => resources.includes(resource));
  if (group === undefined)
    return [
      problem(
        'quota',
        `ClusterQueue ${queue.name} knows no ${resource}; pods that ask for it are never admitted`,
        `kubectl edit clusterqueue ${queue.name}\nand put ${resource} with a quota of ${amount(resource, gang)} or more into a resource group`,
      ),
    ];
  const quota = Math.max(0, ...group.flavors.map((flavor) => flavor.quota[resource] ?? 0));
  if (quota >= gang) return [];
  const has = `ClusterQueue ${queue.name} has a quota of ${amount(resource, quota)}`;
  if (queue.cohort !== undefined)
    return [
      warning(
        'quota',
        `${takes}, and ${has}: a run waits until the cohort ${queue.cohort} lends the rest`,
        `see that other queues of the cohort may lend as much, or raise the quota:\nkubectl edit clusterqueue ${queue.name}`,
      ),
    ];
  return [
    problem(
      'quota',
      `${takes}, and ${has}: no run is ever admitted`,
      `kubectl edit clusterqueue ${queue.name}\nand raise nominalQuota of ${resource} to ${amount(resource, gang)}, or ask for fewer nodes in the profile`,
    ),
  ];
}

function enough({ deviceResource, pods, perPod }: ClusterNeeds, queue: ClusterQueueFinding): Check {
  const resource = deviceResource ?? 'cpu';
  const gang = pods * (perPod[resource] ?? 0);
  const flavors = queue.groups.find(({ resources }) => resources.includes(resource))?.flavors ?? [];
  const sum = (of: 'quota' | 'used') =>
    flavors.reduce((total, flavor) => total + (flavor[of][resource] ?? 0), 0);
  const waiting = queue.pendingWorkloads > 0 ? `, ${queue.pendingWorkloads} waiting` : '';
  return ok(
    'quota',
    `a run takes ${amount(resource, gang)} ${resource} of ${amount(resource, sum('quota'))} in ClusterQueue ${queue.name} (${amount(resource, sum('used'))} in use now${waiting})`,
  );
}

const amount = (resource: string, value: number): string =>
  resource === 'memory' ? byteQuantity(value) : formatInteger(value);

/** The flavors that training pods can be given, by name. */
export const deviceFlavors = (
  groups: readonly QuotaGroup[],
  { deviceResource }: Pick<ClusterNeeds, 'deviceResource'>,
): readonly string[] =>
  groups
    .filter(({ resources }) => resources.includes(deviceResource ?? 'cpu'))
    .flatMap(({ flavors }) => flavors.map(({ name }) => name));
