import type { Caller } from '../contract/caller.ts';
import type { Answer, Question } from '../contract/routes.ts';
import { needsOf } from '../doctor/needs.ts';
import { failuresByNode, nodeUse, otherNodes, strayPods } from '../doctor/node-use.ts';
import { StintError } from '../errors/stint-error.ts';
import type { Store } from '../ports/store.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { isAtRest } from '../run/state.ts';
import { inventorySeenBy, type SurveyDesk, surveyedProfile } from './survey-desk.ts';

/** Device nodes and who holds them. @throws StintError `no-nodes` for a profile of one machine, and where the cluster cannot be seen. */
export async function listNodes(
  desk: SurveyDesk,
  question: Question<'listNodes'>,
): Promise<Answer<'listNodes'>> {
  const profile = await surveyedProfile(desk, question);
  const { backend, device } = profile;
  if (backend.kind === 'local') throw noNodes(profile);
  const whole = await desk.site.readInventory(backend, device.resource);
  const known = await whatIsKnown(profile, desk.caller, (await desk.openWorkplace())?.store);
  const inventory = inventorySeenBy(desk.caller, whole, known.isAtRest);
  const needs = needsOf(profile, backend);
  return {
    cluster: profile.name,
    namespace: backend.namespace,
    device: device.resource ?? 'cpu',
    nodes: nodeUse(inventory, needs, known.failures).map(({ taints, holders, ...of }) => ({
      ...of,
      taints: [...taints],
      holders: [...holders],
    })),
    otherNodes: otherNodes(inventory, needs),
    strays: [...strayPods(inventory.pods, known.isAtRest)],
    seesAllPods: inventory.seesAllPods,
  };
}

/** Of the runs on this cluster that the caller sees. */
async function whatIsKnown(profile: ClusterProfile, { team }: Caller, store: Store | undefined) {
  if (store === undefined)
    return { isAtRest: new Map<string, boolean>(), failures: new Map<string, number>() };
  const summaries = await store.runs.summaries({ cluster: profile.name, team: team ?? undefined });
  const runs = summaries.map(({ id, run }) => ({ id, ...run }));
  return {
    isAtRest: new Map(runs.map(({ id, state }) => [id, isAtRest(state)])),
    failures: failuresByNode(runs),
  };
}

const noNodes = ({ name }: ClusterProfile): StintError =>
  new StintError({
    code: 'no-nodes',
    where: '--cluster',
    what: `the profile ${name} runs on this machine and has no nodes`,
    why: 'nodes are those of a Kubernetes cluster',
    todo: `name a profile of a cluster; \`stint doctor --cluster ${name}\` looks at this machine`,
  });
