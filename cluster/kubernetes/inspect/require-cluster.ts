import { access, constants } from 'node:fs/promises';
import { valueOf } from '../../../orchestrator/doctor/found.ts';
import { type ClusterNeeds, needsOf } from '../../../orchestrator/doctor/needs.ts';
import { resourceName } from '../../../orchestrator/doctor/rights.ts';
import { StintError } from '../../../orchestrator/errors/stint-error.ts';
import type { ClusterProfile } from '../../../orchestrator/profile/cluster-profile.ts';
import type { KubernetesBackend } from '../../../orchestrator/profile/kubernetes-backend.ts';
import { type ApiClient, apiClient } from '../api/client.ts';
import { loadConfig } from '../api/load-config.ts';
import { workloadsPath } from '../api/workloads-path.ts';
import { reviewRights } from './review-rights.ts';
import { rightsFor } from './rights.ts';

/**
 * What has to be there before anything is recorded: an API server that takes these credentials, and the volume on which
 * stages leave their results.
 *
 * @throws StintError, ApiError
 */
export async function requireCluster(
  profile: ClusterProfile,
  backend: KubernetesBackend,
  { signal, tell }: { readonly signal: AbortSignal; readonly tell: (line: string) => void },
): Promise<void> {
  const { workFolder, context } = backend;
  if (workFolder === undefined)
    throw new StintError({
      code: 'no-work-folder',
      where: 'backend.workFolder',
      what: 'the profile does not say where this machine sees the work volume',
      why: `stages leave their results on the claim ${backend.volumeClaim}, and they are read and verified from here`,
      todo: 'mount that volume on this machine and set `backend.workFolder` to its folder',
    });
  await access(workFolder, constants.R_OK | constants.W_OK).catch((error: unknown) => {
    throw new StintError(
      {
        code: 'no-work-folder',
        where: 'backend.workFolder',
        what: `the work volume cannot be used at ${workFolder}: ${(error as Error).message}`,
        why: `it should be the volume of the claim ${backend.volumeClaim}, readable and writable by this user`,
        todo: 'mount it there, or correct the profile',
      },
      { cause: error },
    );
  });
  const client = apiClient(() => loadConfig(context), { tell });
  // It takes these credentials, whatever they allow.
  await client.json({ path: '/version', signal });
  await requireWhatRunsUse(client, needsOf(profile, backend), signal);
}

/**
 * What every run of the profile uses: a queue's controller, and the rights. What doctor knows a launch may not find out
 * when the run is recorded.
 *
 * @throws ApiError `no-kueue`; StintError `cluster-forbidden` with each right that is missing
 */
export async function requireWhatRunsUse(
  client: ApiClient,
  needs: ClusterNeeds,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, queue } = needs;
  if (queue !== undefined) await workloadsPath(client, namespace, signal);
  const rights = rightsFor(needs).filter(({ lost }) => lost === undefined);
  const reviews = valueOf(await reviewRights(client, rights, signal)) ?? [];
  const missing = reviews.filter(({ allowed }) => !allowed);
  if (missing.length === 0) return;
  throw new StintError(
    missing.map(({ right }) => ({
      code: 'cluster-forbidden',
      where: `namespace ${namespace}`,
      what: `you may not ${right.verb} ${resourceName(right)}`,
      why: 'a run uses this right, and nothing was recorded or started without it',
      todo: 'let an administrator give it: `stint doctor --cluster PROFILE` prints the Role',
    })),
  );
}
