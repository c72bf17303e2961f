import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import { renderStage } from '../../orchestrator/render/render-stage.ts';
import { profile, request } from '../render/requests.ts';

export interface ShellJob {
  /** Run by the command, `sh -c` unless another is given; `$1` and so on are `args`. */
  readonly script: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly pods?: number;
  readonly rendezvousPort?: number;
  readonly graceSeconds?: number;
  readonly attempt?: number;
}

/** The real job template with another command in it: a small script takes the trainer's place. */
export async function shellJob(
  run: string,
  job: ShellJob,
  cluster = profile('local'),
): Promise<readonly Manifest[]> {
  const templates = await loadTemplates();
  const train = {
    command: job.command ?? ['sh', '-c'],
    args: [job.script, 'sh', ...(job.args ?? []), '${nodes:string}', '${devicesPerNode:string}'],
  };
  const on: ClusterProfile = {
    ...cluster,
    nodes: job.pods ?? 1,
    grace: job.graceSeconds ?? 10,
    backend:
      cluster.backend.kind === 'local'
        ? { ...cluster.backend, rendezvousPort: job.rendezvousPort ?? 'auto' }
        : cluster.backend,
  };
  return renderStage(
    { ...templates, stages: { ...templates.stages, train } },
    request('train', on, { run, attempt: job.attempt ?? 1 }),
  );
}
