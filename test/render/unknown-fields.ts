import {
  V1ConfigMap,
  V1Job,
  V1JobSpec,
  V1ObjectMeta,
  V1PodTemplateSpec,
  V1Service,
} from '@kubernetes/client-node';
import * as models from '@kubernetes/client-node/dist/gen/models/all.js';
import { z } from 'zod';
import type { Manifest } from '../../orchestrator/render/manifest.ts';

interface Model {
  getAttributeTypeMap(): readonly { readonly baseName: string; readonly type: string }[];
}

const KINDS: Readonly<Record<string, Model>> = { Job: V1Job, Service: V1Service, ConfigMap: V1ConfigMap };

const JobSetSpecSchema = z.object({
  replicatedJobs: z.tuple([z.object({ template: z.object({ spec: z.record(z.string(), z.unknown()) }) })]),
});
const JobSetSchema = z.object({ spec: JobSetSpecSchema });
const RuntimeSchema = z.object({ spec: z.object({ template: JobSetSchema }) });
const TrainJobSchema = z.object({
  spec: z.object({
    trainer: z.object({
      image: z.unknown(),
      command: z.unknown(),
      args: z.unknown(),
      env: z.unknown(),
      resourcesPerNode: z.unknown(),
    }),
    runtimePatches: z.tuple([
      z.object({
        trainingRuntimeSpec: z.object({
          template: z.object({
            spec: z.object({
              replicatedJobs: z.tuple([
                z.object({
                  template: z.object({
                    spec: z.object({ template: z.record(z.string(), z.unknown()) }),
                  }),
                }),
              ]),
            }),
          }),
        }),
      }),
    ]),
  }),
});

/**
 * Paths of fields that the Kubernetes API of client-node's version does not have. Of a custom resource, the parts that are
 * Kubernetes' own are walked: its metadata, its job and its pod; the rest is for the API server to judge.
 */
export function unknownFields(manifest: Manifest): readonly string[] {
  const { kind } = manifest;
  const model = KINDS[kind];
  if (model) return walk(manifest, model, kind);
  const metadata = walk(manifest.metadata, V1ObjectMeta, `${kind}.metadata`);
  return [...metadata, ...unknownInSpec(manifest)];
}

function unknownInSpec(manifest: Manifest): readonly string[] {
  const { kind } = manifest;
  switch (kind) {
    case 'JobSet':
      return unknownInJobSet(JobSetSchema.parse(manifest).spec, kind);
    case 'ClusterTrainingRuntime':
      return unknownInJobSet(RuntimeSchema.parse(manifest).spec.template.spec, kind);
    case 'TrainJob': {
      const { trainer, runtimePatches } = TrainJobSchema.parse(manifest).spec;
      const { resourcesPerNode, ...container } = trainer;
      const [job] = runtimePatches[0].trainingRuntimeSpec.template.spec.replicatedJobs;
      return [
        ...walk(job.template.spec.template, V1PodTemplateSpec, `${kind} patch`),
        ...walkTyped({ ...container, resources: resourcesPerNode }, 'V1Container', `${kind}.spec.trainer`),
      ];
    }
    default:
      return [`${kind}: unknown kind`];
  }
}

const unknownInJobSet = (spec: z.infer<typeof JobSetSpecSchema>, kind: string): readonly string[] =>
  walk(spec.replicatedJobs[0].template.spec, V1JobSpec, `${kind} job`);

function walk(value: object, model: Model, path: string): string[] {
  const types = new Map(model.getAttributeTypeMap().map(({ baseName, type }) => [baseName, type]));
  return Object.entries(value).flatMap(([key, field]) => {
    const type = types.get(key);
    return type === undefined ? [`${path}.${key}`] : walkTyped(field, type, `${path}.${key}`);
  });
}

function walkTyped(value: unknown, type: string, path: string): string[] {
  const item = /^Array<(.*)>$/.exec(type)?.[1];
  if (item !== undefined && Array.isArray(value))
    return value.flatMap((each, index) => walkTyped(each, item, `${path}[${index}]`));
  const model = (models as unknown as Readonly<Record<string, Model>>)[type];
  return model && typeof value === 'object' && value !== null ? walk(value, model, path) : [];
}
