import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Calibration } from '../../orchestrator/plan/calibration.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import { DIGEST, plan, profile, recipe, withTraining } from './fixtures.ts';

const PROFILES = globSync('cluster/profiles/*.yaml').map((file) => basename(file, '.yaml'));
const s1 = () => recipe('s1-32b');

const partsOf = (of: ReturnType<typeof plan>) => {
  const { parts, partBounds } = of.duration;
  if (parts === undefined || partBounds === undefined) throw new Error('a new plan has parts');
  return { parts, partBounds };
};
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describe('the parts of a duration', () => {
  it.each(PROFILES)('add up to it on %s, as their bounds do, and each lies within its own', (name) => {
    for (const calibration of [
      undefined,
      { basis: 'cluster', runs: 9, bias: 1.2, spread: 0.7 } satisfies Calibration,
    ]) {
      const of = makePlan(s1(), DIGEST, profile(name), undefined, calibration);
      const { parts, partBounds } = partsOf(of);
      const { expectedSeconds, lowSeconds, highSeconds } = of.duration;
      expect(sum(Object.values(parts)) / expectedSeconds).toBeCloseTo(1, 12);
      expect(sum(Object.values(partBounds).map(({ low }) => low)) / lowSeconds).toBeCloseTo(1, 12);
      expect(sum(Object.values(partBounds).map(({ high }) => high)) / highSeconds).toBeCloseTo(1, 12);
      const hours = of.stages?.find((stage) => stage.name === 'train')?.gpuHours;
      const { nodes, devicesPerNode } = profile(name);
      expect(hours?.high).toBeCloseTo((nodes * devicesPerNode * highSeconds) / 3600, 9);
    }
  });

  it('are those of s1 on 16 devices: files and checkpoints by the slowest disk that preflight lets pass', () => {
    const of = plan(s1(), 'h100-16');
    const { parts, partBounds } = partsOf(of);
    expect(parts.startup).toBe(profile('h100-16').startup);
    expect(parts.steps).toBe(315 * of.duration.stepSeconds);
    // 65.5 GB from two nodes at 500 MB/s each, of which 3 s are over when torch is imported.
    expect(parts.load).toBeCloseTo(65.53 - 3, 1);
    expect(of.checkpoints?.lastBytes).toBeLessThanOrEqual(65.6e9);
    expect(of.checkpoints?.stateBytes).toBeCloseTo(6 * (of.checkpoints?.lastBytes ?? 0), -3);
    // The same again, hashed by 16 ranks, and a second to agree.
    expect(parts.checkpoint).toBeCloseTo(65.53 + 65.53 / 16 / 1.8 + 1, 1);
    expect(partBounds.checkpoint.high).toBeGreaterThan(parts.checkpoint);
    expect(parts.export).toBe(0);
  });

  it('follow what they rest on: the disk, the type of the weights, and whether blocks are compiled', () => {
    const parts = (of: Parameters<typeof plan>[0], on: Parameters<typeof plan>[1]) =>
      partsOf(plan(of, on)).parts;
    const { floors, ...h100 } = profile('h100-16');
    if (floors === undefined) throw new Error('it has floors');
    const before = parts(s1(), 'h100-16');
    const fast = parts(s1(), { ...h100, floors: { ...floors, diskMBps: 5_000 } });
    expect(fast.load + 3).toBeCloseTo((before.load + 3) / 10, 6);
    const fastest = parts(s1(), { ...h100, floors: { ...floors, diskMBps: 20_000 } });
    expect(fastest.load).toBe(0);
    expect(fast.checkpoint).toBeLessThan(before.checkpoint / 5);
    const eager = parts(withTraining(s1(), { compile: false }), 'h100-16');
    // Blocks are compiled while weights are read: 37.5 s beside 65.5 s, or beside 6.6 s.
    expect([before.compile, eager.compile]).toEqual([0, 0]);
    expect(fast.compile).toBeCloseTo(37.5 - fast.load, 6);
    // What is exported in fp32 is twice as large.
    const wide = plan(withTraining(s1(), { compute: 'fp32' }), 'h100-16').checkpoints;
    expect(wide?.lastBytes).toBe(2 * (plan(s1(), 'h100-16').checkpoints?.lastBytes ?? 0));
  });

  it('count a checkpoint on the way by what training waits for', () => {
    const saving = (everySteps: number | null) =>
      partsOf(plan(withTraining(s1(), { checkpoint: { everySteps, keep: 2 } }), 'h100-16')).parts.checkpoint;
    const last = saving(null);
    // Writing 393 GB takes 408 s, and 200 steps are longer than that: one is staged, 24.6 GB a rank at 10 GB/s.
    expect(saving(200) - last).toBeCloseTo(2.46, 1);
    // 50 steps of 2.6 s are not: the disk falls behind six times by four and a half minutes.
    expect(saving(50) - last).toBeGreaterThan(6 * 240);
  });

  it('take a disk at its floor to be faster, if anything, and one without to be slower or faster', () => {
    const { floors: _, ...silent } = profile('h100-16');
    const spread = (on: typeof silent) => {
      const { parts, partBounds } = partsOf(plan(s1(), on));
      return [partBounds.load.low / parts.load, partBounds.load.high / parts.load];
    };
    const [low = 0, high = 0] = spread(profile('h100-16'));
    const [lowest = 0, highest = 0] = spread(silent);
    expect(high).toBeLessThan(1.5);
    expect(highest).toBeGreaterThan(2);
    expect(Math.max(low, lowest)).toBeLessThan(0.5);
  });

  it('are ready once pods have started, preflight has measured, and weights are read and compiled', () => {
    const { duration } = plan(s1(), 'h100-16');
    const { startup, preflight, load, compile } = partsOf(plan(s1(), 'h100-16')).parts;
    expect(load).toBeGreaterThan(0);
    expect(duration.startupSeconds).toBeCloseTo(startup + preflight + load + compile, 9);
  });

  it('read nothing where a model starts from scratch, however large it is', () => {
    const { model } = s1();
    const scratch = { kind: 'scratch', architecture: model.architecture, initializerRange: 0.02 } as const;
    expect(partsOf(plan({ ...s1(), model: scratch }, 'h100-16')).parts.load).toBe(0);
  });

  it('leave out what a small model on processors does not do', () => {
    const { parts } = partsOf(plan(recipe('s1-32b'), 'laptop'));
    expect(parts.preflight).toBe(0);
    expect(parts.load).toBeGreaterThan(0);
  });
});
