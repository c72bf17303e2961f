import { type Check, problem } from './check.ts';
import { checkApis } from './checks/check-apis.ts';
import { checkDryRuns } from './checks/check-dry-runs.ts';
import { checkNamespace } from './checks/check-namespace.ts';
import { checkNodes } from './checks/check-nodes.ts';
import { checkImages, checkSecrets, checkServiceAccount } from './checks/check-pod-parts.ts';
import { checkQueue } from './checks/check-queue.ts';
import { checkRights } from './checks/check-rights.ts';
import { checkServer, checkUser } from './checks/check-server.ts';
import { checkStorage } from './checks/check-storage.ts';
import type { ClusterFindings, Unreached } from './cluster-findings.ts';
import type { ClusterNeeds } from './needs.ts';

/** Whether runs of a profile can work on the cluster that was found, and what is in the way. */
export function diagnoseCluster(needs: ClusterNeeds, found: ClusterFindings | Unreached): readonly Check[] {
  if ('unreached' in found) return found.unreached.map(({ what, todo }) => problem('server', what, todo));
  return [
    checkServer(found),
    checkUser(found.user),
    ...checkApis(needs, found),
    ...checkRights(found),
    ...checkNamespace(needs, found),
    // What is in a namespace that is not there is missing as well, and that helps nobody.
    ...(found.namespace.is === 'absent' ? [] : checkContents(needs, found)),
    ...checkNodes(needs, found),
    ...checkImages(needs),
    ...checkDryRuns(needs, found),
  ];
}

const checkContents = (needs: ClusterNeeds, found: ClusterFindings): readonly Check[] => [
  checkServiceAccount(needs, found),
  ...checkSecrets(needs, found),
  ...checkStorage(needs, found),
  ...checkQueue(needs, found.queue),
];
