import { describe, expect, it } from 'vitest';
import { isLetGo, letGo } from '../../orchestrator/run/release.ts';
import { NEW_RUN, type Run } from '../../orchestrator/run/state.ts';
import { ended, job, pod, running } from './fixtures.ts';

const over = { exitClass: 'interrupted', message: '' } as const;
const training: Run = { ...NEW_RUN, state: running('train'), attempt: 1 };
const done: Run = { ...NEW_RUN, state: { kind: 'succeeded', checkpoint: 'c' }, attempt: 1 };
const kept = (index: number) => ended('infrastructure', { index, retained: true });

describe('letGo', () => {
  it('keeps the pods of an attempt until its end is recorded', () => {
    const seen = { jobs: [job()], pods: [kept(0), kept(1)] };
    expect(letGo(training, seen)).toEqual([]);
    expect(letGo({ ...training, state: { ...running('train'), over } }, seen)).toEqual([
      { do: 'release', job: 'r1-train-a1', pods: ['r1-train-a1-0', 'r1-train-a1-1'], whole: false },
    ]);
  });

  it('lets the pods of an earlier attempt go under a job that goes on', () => {
    const state = { ...running('train'), attempt: 2 };
    const now = { ...pod({ index: 0, retained: true }), attempt: 2, uid: 'x', name: 'x' };
    expect(letGo({ ...training, state }, { jobs: [job()], pods: [kept(0), now] })).toEqual([
      { do: 'release', job: 'r1-train-a1', pods: ['r1-train-a1-0'], whole: false },
    ]);
  });

  it('keeps the pods of a later attempt that is not recorded yet, though the one before it has ended', () => {
    const later = { ...kept(0), attempt: 2, uid: 'x', name: 'x' };
    const state = { ...running('train'), over };
    expect(letGo({ ...training, state }, { jobs: [job()], pods: [later] })).toEqual([]);
  });

  it('lets an earlier launch of the same stage go as a whole', () => {
    const state = running('train', 2);
    expect(letGo({ ...training, state }, { jobs: [job({ state: 'failed' })], pods: [kept(0)] })).toEqual([
      { do: 'release', job: 'r1-train-a1', pods: ['r1-train-a1-0'], whole: true },
    ]);
  });

  it('lets a job that is over go with its pods when the run has moved on, and pods whose job is gone', () => {
    const whole = { do: 'release', job: 'r1-train-a1', pods: ['r1-train-a1-0'], whole: true };
    expect(letGo(done, { jobs: [job({ state: 'succeeded' })], pods: [kept(0)] })).toEqual([whole]);
    expect(letGo(done, { jobs: [], pods: [kept(0)] })).toEqual([whole]);
    const other = job({ stage: 'export', state: 'succeeded', retained: false });
    expect(letGo(done, { jobs: [other], pods: [kept(0)] })).toEqual([whole]);
    expect(letGo(done, { jobs: [job({ state: 'failed', retained: false })], pods: [] })).toEqual([]);
  });

  it('stops what is alive and that nobody waits for, but not what is about to be over', () => {
    const stop = { do: 'stop', stage: 'train', attempt: 1 };
    expect(letGo(done, { jobs: [job()], pods: [pod()] })).toEqual([stop]);
    expect(letGo(done, { jobs: [job({ state: 'waiting' })], pods: [] })).toEqual([stop]);
    const beside = [kept(0), pod({ index: 1, retained: true })];
    expect(letGo(done, { jobs: [job({ state: 'failed' })], pods: beside })).toEqual([stop]);
    expect(letGo(done, { jobs: [], pods: beside })).toEqual([stop]);
    const failed = [ended('succeeded'), ended('infrastructure', { index: 1 })];
    expect(letGo(done, { jobs: [job()], pods: failed })).toEqual([stop]);
    expect(
      letGo(done, { jobs: [job()], pods: [ended('succeeded'), ended('succeeded', { index: 1 })] }),
    ).toEqual([]);
  });
});

describe('isLetGo', () => {
  it('is said when nothing lives, goes on or is kept', () => {
    expect(
      isLetGo({ jobs: [job({ state: 'succeeded', retained: false })], pods: [ended('succeeded')] }),
    ).toBe(true);
    expect(isLetGo({ jobs: [job({ state: 'succeeded' })], pods: [] })).toBe(false);
    expect(isLetGo({ jobs: [job({ retained: false })], pods: [] })).toBe(false);
    expect(isLetGo({ jobs: [], pods: [pod()] })).toBe(false);
    expect(isLetGo({ jobs: [], pods: [kept(0)] })).toBe(false);
    const gone = job({ stage: 'prepare', state: 'succeeded', retained: false });
    expect(isLetGo({ jobs: [gone, job({ state: 'succeeded' })], pods: [] })).toBe(false);
    expect(isLetGo({ jobs: [], pods: [ended('succeeded'), kept(1)] })).toBe(false);
  });
});
