import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expandReferences } from '../../cluster/local/expand-references.ts';
import { toHost } from '../../cluster/local/host-names.ts';
import { localJob } from '../../cluster/local/job-manifest.ts';
import { planLaunch } from '../../cluster/local/launch.ts';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import { renderStage } from '../../orchestrator/render/render-stage.ts';
import { profile, request } from '../render/requests.ts';

describe('expandReferences', () => {
  const variables = new Map([
    ['A', '1'],
    ['B', '$(A)'],
    ['EMPTY', ''],
  ]);

  test.for([
    ['$(A)', '1'],
    ['x-$(A)-$(A)', 'x-1-1'],
    ['$(UNKNOWN)', '$(UNKNOWN)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$1'],
    ['$(B)', '$(A)'],
    ['$(EMPTY)', ''],
    ['$(A', '$(A'],
    ['$A ${A} $', '$A ${A} $'],
  ] as const)('%s becomes %s', ([text, expanded]) => {
    expect(expandReferences(text, variables)).toBe(expanded);
  });

  test('text without a dollar sign is never touched', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('$')),
        (text) => {
          expect(expandReferences(text, variables)).toBe(text);
        },
      ),
    );
  });
});

describe('toHost', () => {
  const names = new Map([
    ['/opt/stint', '/home/me/stint'],
    ['/opt/stint/data', '/big'],
    ['job-1.job', '127.0.0.1'],
  ]);

  test.for([
    ['/opt/stint', '/home/me/stint'],
    ['/opt/stint/trainer', '/home/me/stint/trainer'],
    ['/opt/stint/data/x', '/big/x'],
    ['/opt/stintless', '/opt/stintless'],
    ['--at=/opt/stint', '--at=/opt/stint'],
    ['job-1.job:29500', '127.0.0.1:29500'],
    ['job-1.jobs', 'job-1.jobs'],
  ] as const)('%s becomes %s', ([text, host]) => {
    expect(toHost(text, names)).toBe(host);
  });
});

describe('planLaunch', () => {
  test('the train stage of the second of two nodes is torchrun with rank 1 on this machine', async () => {
    const two = { ...profile('local'), nodes: 2 };
    const job = renderStage(await loadTemplates(), request('train', two)).at(-1);
    if (job === undefined) throw new Error('no job was rendered');
    const host = {
      root: '/state',
      checkout: '/src',
      pythonBin: '/src/.venv/bin',
      path: '/bin',
      freePort: 23_456,
    };
    const launch = planLaunch(localJob(job), 1, 'uid-1', '/state/pod', host);
    expect(launch.command.join(' ')).toBe(
      'python -m trainer.entrypoint torchrun --nnodes 2 --nproc-per-node 2 --node-rank=1 --master-addr=127.0.0.1 --master-port=23456 --max-restarts=0 -m trainer.sft',
    );
    expect(launch).toMatchObject({
      cwd: '/src',
      graceSeconds: 30,
      deadlineSeconds: 2_700,
      env: {
        PATH: '/src/.venv/bin:/bin',
        STINT_POD_UID: 'uid-1',
        STINT_SPEC: '/state/config/r-01jx3k2m9q-spec/spec.json',
        STINT_WORK: '/state/volumes/work/runs/r-01jx3k2m9q',
        STINT_TERMINATION_LOG: '/state/pod/termination-log',
        STINT_STAGE: 'train',
        STINT_ATTEMPT: '2',
        STINT_REACHED_STEP: '40',
        JOB_COMPLETION_INDEX: '1',
        OMP_NUM_THREADS: '1',
      },
    });
  });
});
