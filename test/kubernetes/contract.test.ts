import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TAKES_TRAINJOBS } from '../../ops/test-cluster/build.ts';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import { jobName } from '../../orchestrator/render/names.ts';
import { renderRuntime } from '../../orchestrator/render/render-owner.ts';
import { clusterContract, ended, freshRun, podsWhen } from '../cluster/contract.ts';
import { shellJob } from '../cluster/shell-job.ts';
import { kubectl } from './kubectl.ts';
import { needsRealNode } from './needs-real-node.ts';
import { openKubernetes } from './open-kubernetes.ts';
import { realWith } from './profile.ts';

const TRAINJOB = realWith('trainjob');

beforeAll(async () => {
  // What a TrainJob names has to be installed first: `stint render --runtime` prints it.
  const templates = await loadTemplates();
  for (const withDevices of [true, false]) {
    const runtime = renderRuntime(templates, TRAINJOB, withDevices);
    await kubectl(['replace', '--force', '--filename=-'], JSON.stringify(runtime));
  }
});
beforeEach(needsRealNode);
clusterContract('a real node with Jobs', () => openKubernetes(realWith('job')));
clusterContract('a real node with JobSets', () => openKubernetes(realWith('jobset')));
if (TAKES_TRAINJOBS) clusterContract('a real node with TrainJobs', () => openKubernetes(TRAINJOB));

describe('a job that has finished and is settled', () => {
  test.for([
    ['job', 'jobs.batch', true],
    ['jobset', 'jobsets', true],
    ...(TAKES_TRAINJOBS ? [['trainjob', 'trainjobs', false] as const] : []),
  ] as const)(
    'of kind %s stays for the time that its kind has a limit for, and else goes',
    async ([owner, kind, stays]) => {
      const { cluster, profile, close } = await openKubernetes(realWith(owner));
      const signal = AbortSignal.timeout(120_000);
      const run = freshRun();
      const job = jobName(run, 'train', 1);
      await cluster.apply(await shellJob(run, { script: 'exit 0' }, profile), { signal });
      const pods = (await podsWhen(cluster, run, ended)).map(({ name }) => name);
      for await (const { jobs } of cluster.watch(run, { signal }))
        if (jobs.some(({ state }) => state === 'succeeded')) break;
      await cluster.release({ job, pods, whole: true }, { signal });
      for await (const { jobs } of cluster.watch(run, { signal }))
        if (jobs.every(({ retained }) => !retained) && jobs.length === (stays ? 1 : 0)) break;
      const left = await kubectl([
        'get',
        kind,
        job,
        '--namespace=stint-test',
        '--ignore-not-found',
        '--output=name',
      ]);
      expect(left === '').toBe(!stays);
      await close();
    },
  );
});
