import { rightsFor } from '../../cluster/kubernetes/inspect/rights.ts';
import { needsOf } from '../../orchestrator/doctor/needs.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import type { Person, Rule } from './person.ts';

interface Doctored {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly level: string;
    readonly what: string;
    readonly todo?: string;
  }[];
}

export interface Prescribed {
  /** What an administrator is told to apply, as it stands behind the command. */
  readonly objects: unknown;
  readonly rules: readonly Rule[];
}

export async function askDoctor(person: Person, home: string, profile: string): Promise<Doctored> {
  const { stdout, stderr } = await person.stint(home, 'doctor', '--cluster', profile, '--json');
  if (!stdout.startsWith('{')) throw new Error(stderr);
  return JSON.parse(stdout) as Doctored;
}

/** The Role that doctor tells somebody without any right to ask for. */
export async function prescribed(person: Person, home: string, profile: string): Promise<Prescribed> {
  const { checks } = await askDoctor(person, home, profile);
  const { todo = '' } = checks.find(({ name, level }) => name === 'rights' && level === 'problem') ?? {};
  const [, text] = /kubectl apply -f - <<< '(.*)'$/m.exec(todo) ?? [];
  if (text === undefined) throw new Error(`doctor prescribes no Role: ${JSON.stringify(checks, null, 1)}`);
  const objects = JSON.parse(text) as {
    readonly items: readonly { readonly kind: string; readonly rules?: readonly Rule[] }[];
  };
  return { objects, rules: objects.items.flatMap(({ rules = [] }) => rules) };
}

/** The same for a run's profile, without asking: a rule for each verb. */
export function rulesFor({ profile }: RunRecord): readonly Rule[] {
  const { backend } = profile;
  if (backend.kind !== 'kubernetes') throw new Error('it runs on Kubernetes');
  return rightsFor(needsOf(profile, backend))
    .filter(({ lost }) => lost === undefined)
    .map(({ group, resource, verb }) => ({ apiGroups: [group], resources: [resource], verbs: [verb] }));
}

/** `patch jobsets.jobset.x-k8s.io`, one for each verb. */
export const rightsIn = (rules: readonly Rule[]): readonly string[] =>
  rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${named(resource, group)}`)),
    ),
  );

export const withoutRight = (rules: readonly Rule[], right: string): readonly Rule[] =>
  rules.flatMap((rule) => {
    const name = named(rule.resources[0] ?? '', rule.apiGroups[0] ?? '');
    const verbs = rule.verbs.filter((verb) => `${verb} ${name}` !== right);
    return verbs.length === 0 ? [] : [{ ...rule, verbs }];
  });

const named = (resource: string, group: string): string => [resource, group].filter(Boolean).join('.');
