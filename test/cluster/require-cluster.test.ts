import { expect, test } from 'vitest';
import { requireWhatRunsUse } from '../../cluster/kubernetes/inspect/require-cluster.ts';
import { needsOf } from '../../orchestrator/doctor/needs.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import type { KubernetesBackend } from '../../orchestrator/profile/kubernetes-backend.ts';
import { httpServer, json } from './http-server.ts';

/** A cluster with or without Kueue, on which these things may not be done. */
async function on(hasKueue: boolean, ...denied: readonly string[]) {
  const { client } = await httpServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
    if (pathname.startsWith('/apis/kueue')) {
      const absent = { kind: 'Status', code: 404, message: 'not found' };
      return void json(hasKueue ? { kind: 'APIResourceList' } : absent, hasKueue ? 200 : 404)(
        response,
        searchParams,
      );
    }
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const { verb, resource } = JSON.parse(body).spec.resourceAttributes as Record<string, string>;
      void json({
        kind: 'SelfSubjectAccessReview',
        status: { allowed: !denied.includes(`${verb} ${resource}`) },
      })(response, searchParams);
    });
  });
  const profile = await loadProfile('h100-16');
  const needs = needsOf(profile, profile.backend as KubernetesBackend);
  return requireWhatRunsUse(client, needs, new AbortController().signal);
}

test('a cluster that has what runs use is taken', async () => {
  await expect(on(true)).resolves.toBeUndefined();
});

test('a queue is refused where nobody serves it, before anything is recorded', async () => {
  await expect(on(false)).rejects.toMatchObject({ exitCode: 2, problems: [{ code: 'no-kueue' }] });
});

test('each right that is missing is named, before anything is recorded', async () => {
  await expect(on(true, 'patch pods', 'delete jobsets')).rejects.toMatchObject({
    exitCode: 2,
    problems: [
      { code: 'cluster-forbidden', what: 'you may not delete jobsets.jobset.x-k8s.io' },
      { code: 'cluster-forbidden', what: 'you may not patch pods' },
    ],
  });
});

test('rights that are only nice to have keep nobody from a launch', async () => {
  await expect(on(true, 'list nodes', 'list events')).resolves.toBeUndefined();
});
