import { listed } from '../../units/counted.ts';
import { type Check, ok, problem, warning } from '../check.ts';
import type { ClusterQueueFinding, QueueFindings } from '../cluster-findings.ts';
import { applyCommand } from '../command.ts';
import { unseen } from '../found.ts';
import type { ClusterNeeds, QueueNeed } from '../needs.ts';
import { checkQuota } from './check-quota.ts';
import { checkTopology } from './check-topology.ts';

/** The profile's queue leads to quota, and what else it names of Kueue is there. */
export function checkQueue(needs: ClusterNeeds, found: QueueFindings | undefined): readonly Check[] {
  const { queue } = needs;
  if (queue === undefined) return [checkNoQueue(needs)];
  // Kueue itself is missing, and that is told already.
  if (found === undefined) return [];
  return [
    ...checkLocalQueue(needs, queue, found),
    ...checkPriorityClass(queue, found),
    ...checkTopology(queue, found),
  ];
}

function checkNoQueue({ pods }: ClusterNeeds): Check {
  const said = 'the profile names no queue: pods go to whatever node has room';
  return pods === 1
    ? ok('queue', said)
    : warning(
        'queue',
        `${said}, so two runs can each hold a part of the nodes and wait for the rest`,
        'name a queue of Kueue in backend.queue: it admits all pods of a run or none',
      );
}

function checkLocalQueue(needs: ClusterNeeds, { name }: QueueNeed, found: QueueFindings): readonly Check[] {
  const { namespace } = needs;
  const { local, locals } = found;
  if (local.is === 'absent') {
    const create = applyCommand({
      apiVersion: found.api,
      kind: 'LocalQueue',
      metadata: { name, namespace },
      spec: { clusterQueue: 'CLUSTER_QUEUE' },
    });
    const todo =
      locals.length > 0
        ? `name one of its queues in backend.queue: ${listed(locals)}`
        : `${create}\n\`kubectl get clusterqueues\` names the cluster queues`;
    return [problem('queue', `namespace ${namespace} has no LocalQueue ${name}`, todo)];
  }
  if (local.is !== 'there') return [unseen('queue', `LocalQueue ${name}`, local)];
  const { active, why, clusterQueue } = local.value;
  const cluster = checkClusterQueue(needs, clusterQueue, found);
  // What is wrong with the ClusterQueue is why the LocalQueue is not active.
  if (active || cluster.some(({ level }) => level === 'problem'))
    return active
      ? [ok('queue', `LocalQueue ${name} is active and leads to ${clusterQueue}`), ...cluster]
      : cluster;
  return [
    problem(
      'queue',
      `LocalQueue ${name} admits nothing: ${why}`,
      `kubectl describe localqueue ${name} -n ${namespace}`,
    ),
    ...cluster,
  ];
}

function checkClusterQueue(needs: ClusterNeeds, name: string, { cluster }: QueueFindings): readonly Check[] {
  if (cluster.is === 'absent')
    return [
      problem(
        'queue',
        `LocalQueue ${needs.queue?.name} leads to ClusterQueue ${name}, which does not exist`,
        '`kubectl get clusterqueues` names those that do; a LocalQueue cannot be moved to another, so make a new one',
      ),
    ];
  if (cluster.is !== 'there') return [unseen('quota', `ClusterQueue ${name} with its quota`, cluster)];
  const trouble = checkAdmits(needs, cluster.value);
  return [...(trouble ? [trouble] : []), ...checkQuota(needs, cluster.value)];
}

function checkAdmits({ namespace }: ClusterNeeds, queue: ClusterQueueFinding): Check | undefined {
  const { name, active, why, servesNamespace } = queue;
  if (!active)
    return problem(
      'queue',
      `ClusterQueue ${name} admits nothing: ${why}`,
      `kubectl describe clusterqueue ${name}`,
    );
  return servesNamespace
    ? undefined
    : problem(
        'queue',
        `ClusterQueue ${name} does not serve namespace ${namespace}`,
        `kubectl get clusterqueue ${name} -o jsonpath='{.spec.namespaceSelector}'\nsays which it serves: label the namespace so, or widen the selector`,
      );
}

function checkPriorityClass({ priorityClass }: QueueNeed, found: QueueFindings): readonly Check[] {
  if (priorityClass === undefined || found.priorityClass === undefined) return [];
  const thing = `WorkloadPriorityClass ${priorityClass}`;
  if (found.priorityClass.is === 'there') return [ok('priority', `${thing} is there`)];
  if (found.priorityClass.is !== 'absent') return [unseen('priority', thing, found.priorityClass)];
  const create = applyCommand({
    apiVersion: found.api,
    kind: 'WorkloadPriorityClass',
    metadata: { name: priorityClass },
    value: 1000,
  });
  return [
    problem(
      'priority',
      `there is no ${thing}; a job that names it is never queued`,
      found.priorityClasses.length > 0
        ? `name one of these in backend.queue.priorityClass: ${listed(found.priorityClasses)}`
        : create,
    ),
  ];
}
