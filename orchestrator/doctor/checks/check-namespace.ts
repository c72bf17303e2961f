import { type Check, ok, problem, warning } from '../check.ts';
import type { ClusterFindings } from '../cluster-findings.ts';
import { unseen } from '../found.ts';
import { type ClusterNeeds, POD_SECURITY, type PodSecurity } from '../needs.ts';

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/** The namespace, and whether pods such as the profile's may run in it. */
export function checkNamespace(
  { namespace, podSecurity }: ClusterNeeds,
  { namespace: found }: Pick<ClusterFindings, 'namespace'>,
): readonly Check[] {
  if (found.is === 'absent')
    return [
      problem(
        'namespace',
        `there is no namespace ${namespace}`,
        `kubectl create namespace ${namespace}\nor correct backend.namespace in the profile; what lies in it is looked at once it is there`,
      ),
    ];
  if (found.is !== 'there') return [unseen('namespace', `namespace ${namespace}`, found)];
  if (found.value.terminating)
    return [
      problem(
        'namespace',
        `namespace ${namespace} is being deleted, and nothing can be created in it`,
        `wait until it is gone, then:\nkubectl create namespace ${namespace}`,
      ),
    ];
  return [
    ok('namespace', `namespace ${namespace} is there`),
    checkPodSecurity(namespace, podSecurity, found.value.labels[ENFORCE]),
  ];
}

function checkPodSecurity(namespace: string, meets: PodSecurity, enforced: string | undefined): Check {
  const name = 'pod security';
  if (enforced === undefined)
    return ok(name, `namespace ${namespace} enforces no standard; the pods meet ${meets} all the same`);
  const level = POD_SECURITY.findIndex((standard) => standard === enforced);
  if (level === -1)
    return warning(
      name,
      `namespace ${namespace} enforces a standard "${enforced}" that Kubernetes does not know`,
      `kubectl label --overwrite namespace ${namespace} ${ENFORCE}=${meets}`,
    );
  if (level >= POD_SECURITY.indexOf(meets))
    return ok(name, `namespace ${namespace} enforces ${enforced}, which the pods meet`);
  return problem(
    name,
    `namespace ${namespace} enforces ${enforced}, and this profile's pods only meet ${meets}`,
    `kubectl label --overwrite namespace ${namespace} ${ENFORCE}=${meets}\nor take out of the profile what needs it (backend.podSecurity)`,
  );
}
