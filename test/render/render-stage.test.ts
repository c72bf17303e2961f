import { describe, expect, test } from 'vitest';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import { printManifests } from '../../orchestrator/documents/print-manifests.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import { jobName } from '../../orchestrator/render/names.ts';
import { renderRuntime } from '../../orchestrator/render/render-owner.ts';
import { renderStage } from '../../orchestrator/render/render-stage.ts';
import { EvaluationSpecSchema, JobSpecSchema, StageSchema } from '../../orchestrator/wire/job-spec.ts';
import { asksHub } from '../plan/hub-models.ts';
import { OWNERS, ownedBy, profile, recipe, request, specText } from './requests.ts';
import { unknownFields } from './unknown-fields.ts';

const templates = await loadTemplates();

/** Each way in which a stage's pods are carried, by the folder of what was reviewed. */
const WAYS: readonly (readonly [string, ClusterProfile])[] = [
  ...OWNERS.map((owner) => [`h100/${owner}`, ownedBy(owner, profile('h100'))] as const),
  ['local', profile('local')],
];

describe.for(WAYS)('a stage rendered for %s', ([folder, on]) => {
  test.for(StageSchema.options)('%s is what was reviewed', async (stage) => {
    const text = printManifests(renderStage(templates, request(stage, on)));
    await expect(text).toMatchFileSnapshot(`golden/${folder}/${stage}.yaml`);
  });

  test.for(StageSchema.options)('%s has no field that Kubernetes does not know', (stage) => {
    const manifests = renderStage(templates, request(stage, on));
    expect(manifests.flatMap((manifest) => unknownFields(manifest))).toEqual([]);
  });

  test('the job specification is one that the trainer accepts, the same for every stage and attempt', () => {
    const texts = StageSchema.options.map((stage, index) => {
      return specText(renderStage(templates, request(stage, on, { attempt: index + 1 })));
    });
    expect(new Set(texts).size).toBe(1);
    expect(JobSpecSchema.parse(JSON.parse(texts[0] ?? ''))).toMatchObject({ recipe, run: 'r-01jx3k2m9q' });
  });
});

test('before an evaluation of what a hub has, prepare is told an evaluation, and has no device', () => {
  const of = { recipe: asksHub({}) };
  const manifests = renderStage(templates, request('prepare', ownedBy('job', profile('h100')), of));
  const told: unknown = JSON.parse(specText(manifests));
  expect(EvaluationSpecSchema.parse(told)).toMatchObject(of);
  const text = printManifests(manifests);
  expect(text).toContain('trainer.prepare');
  expect(text).not.toContain('nvidia.com/gpu:');
});

describe.for([
  ['devices', true],
  ['processors', false],
] as const)('the runtime of stages on %s', ([name, withDevices]) => {
  const runtime = () => renderRuntime(templates, profile('h100'), withDevices);

  test('is what was reviewed', async () => {
    await expect(printManifests([runtime()])).toMatchFileSnapshot(
      `golden/h100/trainjob/runtime-${name}.yaml`,
    );
  });

  test('has no field that Kubernetes does not know', () => {
    expect(unknownFields(runtime())).toEqual([]);
  });
});

describe('the walk over the typed models', () => {
  const pathsTo = {
    job: ['spec'],
    jobset: ['spec', 'replicatedJobs', 0, 'template', 'spec'],
    trainjob: [
      'spec',
      'runtimePatches',
      0,
      'trainingRuntimeSpec',
      'template',
      'spec',
      'replicatedJobs',
      0,
      'template',
      'spec',
    ],
  };

  test.for(OWNERS)('reports a misspelt field of a pod at any depth: %s', (owner) => {
    const job = renderStage(templates, request('train', ownedBy(owner, profile('h100')))).at(-1);
    const broken = structuredClone(job) as unknown as Manifest;
    const spec = at(broken, pathsTo[owner]) as { template: { spec: { containers: object[] } } };
    Object.assign(spec.template.spec.containers[0] ?? {}, { imagePullPolcy: 'Always' });
    expect(unknownFields(broken)).toEqual([expect.stringMatching(/containers\[0\]\.imagePullPolcy$/)]);
  });

  test.for(['job', 'jobset'] as const)('reports a misspelt field of a job: %s', (owner) => {
    const job = renderStage(templates, request('train', ownedBy(owner, profile('h100')))).at(-1);
    const broken = structuredClone(job) as unknown as Manifest;
    Object.assign(at(broken, pathsTo[owner]), { backoffLmit: 0 });
    expect(unknownFields(broken)).toEqual([expect.stringMatching(/\.backoffLmit$/)]);
  });
});

describe('renderStage refuses', () => {
  test.for(['', 'R-1', '1-run', 'a_b', 'a.b', 'x'.repeat(45)])(
    'the run id "%s", which makes no valid name',
    (run) => {
      expect(() => jobName(run, 'evaluate', 1)).toThrow(expect.objectContaining({ name: 'StintError' }));
    },
  );
});

function at(value: object, path: readonly (string | number)[]): object {
  return path.reduce<object>((node, key) => (node as Record<string | number, object>)[key] ?? {}, value);
}
