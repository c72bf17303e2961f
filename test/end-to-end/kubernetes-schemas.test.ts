import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import { type ClusterProfile, ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import { renderRuntime } from '../../orchestrator/render/render-owner.ts';
import { renderStage } from '../../orchestrator/render/render-stage.ts';
import { StageSchema } from '../../orchestrator/wire/job-spec.ts';
import { EVERY_FIELD } from '../profile/every-field.ts';
import { OWNERS, ownedBy, request } from '../render/requests.ts';

/** README says that Stint runs on these; the newest is the newest whose schemas `kubernetes-validate` carries. */
const VERSIONS = ['1.31', '1.32', '1.33', '1.34', '1.35', '1.36', '1.37'] as const;

/**
 * Of each object and version what its published schema does not allow, with no field beyond it. A custom resource has no
 * schema there; the jobs within it have one, and are judged as Jobs of their own. A schema is read once.
 */
const VALIDATE = `
import functools, json, sys
from kubernetes_validate import utils

utils.schema_contents = functools.lru_cache(maxsize=None)(utils.schema_contents)

def jobs_within(value):
    if isinstance(value, list):
        for each in value:
            yield from jobs_within(each)
    if isinstance(value, dict):
        for replicated in value.get("replicatedJobs", []):
            if "containers" in replicated["template"]["spec"]["template"].get("spec", {}):
                yield {"apiVersion": "batch/v1", "kind": "Job", **replicated["template"]}
        for each in value.values():
            yield from jobs_within(each)

def judged(object):
    own = ["v1", "batch/v1"]
    return [object] if object["apiVersion"] in own else list(jobs_within(object))

def judgement(objects, versions):
    wrong, count = [], 0
    for object in objects:
        for part in judged(object):
            for version in versions:
                count += 1
                try:
                    assert utils.validate(part, version, strict=True) == version
                except utils.ValidationError as error:
                    path = ".".join(str(step) for step in error.path)
                    wrong.append(f'{version} {part["kind"]} {path}: {error.message}'[:300])
    return {"count": count, "wrong": wrong}

asked = json.load(sys.stdin)
print(json.dumps([judgement(objects, asked["versions"]) for objects in asked["groups"]]))
`;

interface Judgement {
  readonly count: number;
  readonly wrong: readonly string[];
}

/** Of each group of objects, all in one process. */
const judge = (groups: readonly (readonly unknown[])[]): readonly Judgement[] =>
  JSON.parse(
    execFileSync('.venv/bin/python', ['-c', VALIDATE], {
      input: JSON.stringify({ groups, versions: VERSIONS }),
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    }),
  ) as readonly Judgement[];

const templates = await loadTemplates();
const shipped = await Promise.all(
  globSync('cluster/profiles/*.yaml').map((file) => loadProfile(basename(file, '.yaml'))),
);
const profiles: readonly ClusterProfile[] = [...shipped, ClusterProfileSchema.parse(EVERY_FIELD)].filter(
  ({ backend }) => backend.kind === 'kubernetes',
);

const objectsOf = (profile: ClusterProfile): readonly Manifest[] => [
  ...StageSchema.options.flatMap((stage) => renderStage(templates, request(stage, profile))),
  renderRuntime(templates, profile, true),
  renderRuntime(templates, profile, false),
];

const cases = profiles.flatMap((profile) => OWNERS.map((owner) => ({ name: profile.name, profile, owner })));
let judgements: readonly Judgement[] = [];
beforeAll(() => {
  judgements = judge(cases.map(({ profile, owner }) => objectsOf(ownedBy(owner, profile))));
});

describe.for(profiles)('what is rendered for $name', ({ name }) => {
  it.for(OWNERS)(`is valid in Kubernetes ${VERSIONS[0]} to ${VERSIONS.at(-1)}, carried by a %s`, (owner) => {
    const place = cases.findIndex((each) => each.name === name && each.owner === owner);
    const { count, wrong } = judgements[place] ?? { count: 0, wrong: [] };
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(StageSchema.options.length * 2 * VERSIONS.length);
  });
});

it('a field that no version knows, and a value of the wrong kind, are noticed in each of them, in custom resources, too', () => {
  const [profile] = profiles;
  if (profile === undefined) throw new Error('there are profiles');
  for (const owner of ['job', 'jobset'] as const) {
    const texts = objectsOf(ownedBy(owner, profile)).map((object) => JSON.stringify(object));
    const train = texts.find((text) => text.includes('"backoffLimit"')) ?? '';
    const planted = [
      train.replace('"backoffLimit"', '"backoffLimits"'),
      train.replace(/"terminationGracePeriodSeconds":\d+/, '"terminationGracePeriodSeconds":"long"'),
    ];
    for (const text of planted) {
      expect(text).not.toBe(train);
      expect(judge([[JSON.parse(text)]])[0]?.wrong).toHaveLength(VERSIONS.length);
    }
  }
});
