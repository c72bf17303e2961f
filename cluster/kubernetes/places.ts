import { StintError } from '../../orchestrator/errors/stint-error.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';

const PLURALS: Readonly<Record<string, string>> = {
  'v1 Service': 'services',
  'v1 ConfigMap': 'configmaps',
  'batch/v1 Job': 'jobs',
};

/** Paths of the API server within one namespace. */
export const podsIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;
export const jobsIn = (namespace: string): string => `/apis/batch/v1/namespaces/${namespace}/jobs`;

/** @throws StintError `not-runnable-here` for a kind that no template renders */
export function placeOf({ apiVersion, kind, metadata }: Manifest, namespace: string): string {
  const plural = PLURALS[`${apiVersion} ${kind}`];
  if (plural === undefined)
    throw new StintError({
      code: 'not-runnable-here',
      blame: 'input',
      where: `${kind} ${metadata.name}`,
      what: `the Kubernetes backend knows no ${apiVersion} ${kind}`,
      why: `it knows: ${Object.keys(PLURALS).join(', ')}`,
      todo: 'change the job template',
    });
  const root = apiVersion.includes('/') ? '/apis' : '/api';
  return `${root}/${apiVersion}/namespaces/${metadata.namespace ?? namespace}/${plural}/${metadata.name}`;
}
