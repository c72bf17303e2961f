import { describe, expect, it } from 'vitest';
import type { Observation } from '../../orchestrator/run/job-facts.ts';
import type { RunState } from '../../orchestrator/run/state.ts';
import { type Status, statusOf } from '../../orchestrator/run/status.ts';
import type { Stage } from '../../orchestrator/wire/job-spec.ts';
import { job, pod, running } from './fixtures.ts';

const over = { exitClass: 'infrastructure', message: '' } as const;
const NOTHING: Observation = { jobs: [], pods: [] };

describe('the status of a run', () => {
  it.each<[Status, RunState, Observation | null]>([
    ['unknown', running('train'), null],
    ['starting', running('train'), NOTHING],
    ['queued', running('train'), { jobs: [job({ state: 'waiting' })], pods: [] }],
    ['admitted', running('train'), { jobs: [job()], pods: [] }],
    ['scheduled', running('train'), { jobs: [job()], pods: [pod()] }],
    ['running', running('train'), { jobs: [job()], pods: [pod({ startedAt: 2_000 }), pod({ index: 1 })] }],
    ['restarting', { ...running('train'), over }, { jobs: [job()], pods: [pod({ endedAt: 2 })] }],
    [
      'queued',
      { ...running('train'), over },
      { jobs: [job({ state: 'waiting' })], pods: [pod({ endedAt: 2 })] },
    ],
    ['starting', running('train', 2), { jobs: [job({ state: 'failed' })], pods: [pod({ endedAt: 2 })] }],
    ['stopping', { ...running('train'), kind: 'stopping', why: 'cancel', verdict: null }, null],
    ['queued', { kind: 'queued' }, NOTHING],
    ['stopped', { kind: 'stopped', message: '' }, null],
    ['interrupted', { kind: 'interrupted', message: '' }, null],
    ['succeeded', { kind: 'succeeded', checkpoint: 'c' }, null],
  ])('is %s by what is recorded and seen (%#)', (status, state, seen) => {
    expect(statusOf(state, seen)).toBe(status);
  });

  it('is told by the pods of its own stage and launch', () => {
    const others = [
      pod({ stage: 'prepare', startedAt: 2_000 }),
      pod({ attempt: 2, uid: 'x', startedAt: 2_000 }),
    ];
    expect(statusOf(running('train'), { jobs: [job()], pods: others })).toBe('admitted');
  });

  it('is told by the job of its own stage and launch', () => {
    const others = [job({ stage: 'prepare', state: 'waiting' }), job({ launch: 2, state: 'waiting' })];
    expect(statusOf(running('train'), { jobs: [...others, job()], pods: [] })).toBe('admitted');
    expect(statusOf(running('train'), { jobs: others, pods: [] })).toBe('starting');
  });

  it.each<[Stage, Status]>([
    ['prepare', 'preparing'],
    ['train', 'running'],
    ['export', 'exporting'],
    ['evaluate', 'evaluating'],
  ])('names the stage %s at work', (stage, status) => {
    const seen = { jobs: [job({ stage })], pods: [pod({ stage, startedAt: 2_000 })] };
    expect(statusOf(running(stage), seen)).toBe(status);
  });
});
