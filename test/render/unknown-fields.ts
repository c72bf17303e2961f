import { V1ConfigMap, V1Job, V1Service } from '@kubernetes/client-node';
import * as models from '@kubernetes/client-node/dist/gen/models/all.js';
import type { Manifest } from '../../orchestrator/render/manifest.ts';

interface Model {
  getAttributeTypeMap(): readonly { readonly baseName: string; readonly type: string }[];
}

const KINDS: Readonly<Record<string, Model>> = { Job: V1Job, Service: V1Service, ConfigMap: V1ConfigMap };

/** Paths of fields that the Kubernetes API of client-node's version does not have. */
export function unknownFields(manifest: Manifest): readonly string[] {
  const model = KINDS[manifest.kind];
  return model ? walk(manifest, model, manifest.kind) : [`${manifest.kind}: unknown kind`];
}

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
