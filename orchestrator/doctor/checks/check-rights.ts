import { listed } from '../../units/counted.ts';
import { type Check, ok, problem, warning } from '../check.ts';
import type { ClusterFindings, RightFinding } from '../cluster-findings.ts';
import { applyCommand } from '../command.ts';
import { unseen, valueOf } from '../found.ts';
import { type Right, resourceName } from '../rights.ts';

export function checkRights({ rights, user }: Pick<ClusterFindings, 'rights' | 'user'>): readonly Check[] {
  if (rights.is === 'absent') return [];
  if (rights.is !== 'there') return [unseen('rights', 'what you may do', rights)];
  return [checkRequired(rights.value, valueOf(user)), ...checkOptional(rights.value)];
}

function checkRequired(rights: readonly RightFinding[], user: string | undefined): Check {
  const required = rights.filter(({ right }) => right.lost === undefined);
  const missing = required.filter(({ allowed }) => !allowed).map(({ right }) => right);
  const namespace = required[0]?.right.namespace;
  return missing.length === 0
    ? ok('rights', `you may do all ${required.length} things that stint does in namespace ${namespace}`)
    : problem(
        'rights',
        `in namespace ${namespace} you may not ${spoken(missing)}`,
        `let an administrator run:\n${roleCommand(
          required.map(({ right }) => right),
          user,
        )}`,
      );
}

function checkOptional(rights: readonly RightFinding[]): readonly Check[] {
  const optional = rights.filter(({ right }) => right.lost !== undefined);
  const missing = optional.filter(({ allowed }) => !allowed);
  if (missing.length === 0)
    return [ok('more rights', `you have the ${optional.length} that are optional, too`)];
  return missing.map(({ right }) =>
    warning(
      'more rights',
      `you may not ${right.verb} ${resourceName(right)}${right.namespace === null ? ' of the cluster' : ''}, which is optional: ${right.lost}`,
      `if that matters, ask for it; \`kubectl auth can-i ${right.verb} ${resourceName(right)}${right.namespace === null ? '' : ` -n ${right.namespace}`}\` then says yes`,
    ),
  );
}

/** `get, list and watch pods; create services`. */
function spoken(rights: readonly Right[]): string {
  const verbs = Map.groupBy(rights, resourceName);
  return [...verbs].map(([name, of]) => `${listed(of.map(({ verb }) => verb))} ${name}`).join('; ');
}

/** All that stint does as a Role, given to the user: applied again it takes nothing away that it gave before. */
function roleCommand(rights: readonly Right[], user = 'USER'): string {
  const namespace = rights[0]?.namespace;
  const rules = [...Map.groupBy(rights, resourceName).values()].map((of) => ({
    apiGroups: [of[0]?.group],
    resources: [of[0]?.resource],
    verbs: of.map(({ verb }) => verb),
  }));
  const role = { name: 'stint', namespace };
  const binding = { name: `stint-${user.replaceAll(/[/%]/g, '-')}`, namespace };
  const group = 'rbac.authorization.k8s.io';
  return applyCommand({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: `${group}/v1`, kind: 'Role', metadata: role, rules },
      {
        apiVersion: `${group}/v1`,
        kind: 'RoleBinding',
        metadata: binding,
        roleRef: { apiGroup: group, kind: 'Role', name: role.name },
        subjects: [{ apiGroup: group, kind: 'User', name: user }],
      },
    ],
  });
}
