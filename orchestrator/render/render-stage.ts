import { fillTemplate } from './fill-template.ts';
import { jobSpecText } from './job-spec.ts';
import { ANNOTATION, LABEL } from './keys.ts';
import { runLabels, stageLabels } from './labels.ts';
import type { Manifest } from './manifest.ts';
import { configName, jobName } from './names.ts';
import { ownerOf } from './owner.ts';
import { renderOwner } from './render-owner.ts';
import type { StageRequest } from './request.ts';
import type { Templates } from './templates.ts';

/**
 * The objects of one stage in the order in which they are to be created: for an indexed Job its Service, then the
 * ConfigMap, then what carries the pods.
 *
 * @throws StintError `bad-run-id` when a name would be refused, `template-mismatch` when a template and this code disagree.
 */
export function renderStage(templates: Templates, request: StageRequest): readonly Manifest[] {
  const { run, stage, attempt, profile, recipeDigest } = request;
  const { backend } = profile;
  const namespace = backend.kind === 'kubernetes' ? backend.namespace : undefined;
  const job = jobName(run, stage, attempt);
  const service = fillTemplate(templates.service, {
    job,
    namespace,
    labels: stageLabels(request),
    selector: { [LABEL.job]: job },
  });
  const spec = fillTemplate(templates.spec, {
    config: configName(run),
    namespace,
    labels: runLabels(request),
    annotations: { [ANNOTATION.recipeDigest]: recipeDigest },
    spec: jobSpecText(request),
  });
  return [
    // A JobSet makes its own.
    ...(ownerOf(profile) === 'job' ? [service as Manifest] : []),
    spec as Manifest,
    renderOwner(templates, request),
  ];
}
