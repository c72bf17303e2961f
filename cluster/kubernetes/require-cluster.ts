import { access, constants } from 'node:fs/promises';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import type { KubernetesBackend } from '../../orchestrator/profile/kubernetes-backend.ts';
import { apiClient } from './client.ts';
import { loadConfig } from './load-config.ts';

/**
 * What has to be there before anything is recorded: an API server that takes these credentials, and the volume on which
 * stages leave their results.
 *
 * @throws StintError, ApiError
 */
export async function requireCluster(
  backend: KubernetesBackend,
  { signal, tell }: { readonly signal: AbortSignal; readonly tell: (line: string) => void },
): Promise<void> {
  const { workFolder, context, namespace } = backend;
  if (workFolder === undefined)
    throw new StintError({
      code: 'no-work-folder',
      blame: 'input',
      where: 'backend.workFolder',
      what: 'the profile does not say where this machine sees the work volume',
      why: `stages leave their results on the claim ${backend.volumeClaim}, and they are read and verified from here`,
      todo: 'mount that volume on this machine and set `backend.workFolder` to its folder',
    });
  await access(workFolder, constants.R_OK | constants.W_OK).catch((error: unknown) => {
    throw new StintError(
      {
        code: 'no-work-folder',
        blame: 'input',
        where: 'backend.workFolder',
        what: `the work volume cannot be used at ${workFolder}: ${(error as Error).message}`,
        why: `it should be the volume of the claim ${backend.volumeClaim}, readable and writable by this user`,
        todo: 'mount it there, or correct the profile',
      },
      { cause: error },
    );
  });
  await apiClient(() => loadConfig(context), { tell }).json({
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: { limit: 1 },
    signal,
  });
}
