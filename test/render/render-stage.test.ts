import { describe, expect, test } from 'vitest';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import { printManifests } from '../../orchestrator/documents/print-manifests.ts';
import { ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';
import { jobName } from '../../orchestrator/render/names.ts';
import { renderStage } from '../../orchestrator/render/render-stage.ts';
import { JobSpecSchema, StageSchema } from '../../orchestrator/wire/job-spec.ts';
import { profile, recipe, request, specText } from './requests.ts';
import { unknownFields } from './unknown-fields.ts';

const templates = await loadTemplates();

describe.for(['h100', 'local'] as const)('a stage rendered for %s', (cluster) => {
  test.for(StageSchema.options)('%s is what was reviewed', async (stage) => {
    const text = printManifests(renderStage(templates, request(stage, profile(cluster))));
    await expect(text).toMatchFileSnapshot(`golden/${cluster}/${stage}.yaml`);
  });

  test.for(StageSchema.options)('%s has no field that Kubernetes does not know', (stage) => {
    const manifests = renderStage(templates, request(stage, profile(cluster)));
    expect(manifests.flatMap((manifest) => unknownFields(manifest))).toEqual([]);
  });

  test('the job specification is one that the trainer accepts, the same for every stage and attempt', () => {
    const texts = StageSchema.options.map((stage, index) => {
      return specText(renderStage(templates, request(stage, profile(cluster), { attempt: index + 1 })));
    });
    expect(new Set(texts).size).toBe(1);
    expect(JobSpecSchema.parse(JSON.parse(texts[0] ?? ''))).toMatchObject({ recipe, run: 'r-01jx3k2m9q' });
  });
});

describe('the walk over the typed models', () => {
  test('reports a misspelt field at any depth', () => {
    const [, , job] = renderStage(templates, request('train', profile('h100')));
    const broken = structuredClone(job) as unknown as {
      spec: Record<string, unknown> & { template: { spec: { containers: object[] } } };
    };
    broken.spec['backoffLmit'] = 0;
    Object.assign(broken.spec.template.spec.containers[0] ?? {}, { imagePullPolcy: 'Always' });
    expect(unknownFields(broken as never)).toEqual([
      'Job.spec.template.spec.containers[0].imagePullPolcy',
      'Job.spec.backoffLmit',
    ]);
  });
});

describe('renderStage refuses', () => {
  test.for(['', 'R-1', '1-run', 'a_b', 'a.b', 'x'.repeat(45)])(
    'the run id "%s", which makes no valid name',
    (run) => {
      expect(() => jobName(run, 'evaluate', 1)).toThrow(expect.objectContaining({ name: 'StintError' }));
    },
  );

  test('a profile that sets a variable of the stage contract', () => {
    const on = profile('h100');
    const clashing = ClusterProfileSchema.shape.network.parse({
      ringGBps: 1,
      nodeGBps: 1,
      env: { MASTER_PORT: '1' },
    });
    expect(() => renderStage(templates, request('train', { ...on, network: clashing }))).toThrow(
      /MASTER_PORT/,
    );
  });
});
