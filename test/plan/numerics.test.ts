import { describe, expect, it } from 'vitest';
import { printPlan } from '../../orchestrator/cli/print-plan.ts';
import { placeKey } from '../../orchestrator/plan/calibration-keys.ts';
import { modelSize } from '../../orchestrator/plan/model-size.ts';
import { type Moment, momentsOf, type StepShape } from '../../orchestrator/plan/step-memory.ts';
import { plan, profile, recipe, refusals, TINY, verdict, withTraining } from './fixtures.ts';

const s1 = recipe('s1-32b');
const inFp8 = withTraining(s1, { compute: 'fp8-rowwise' });
const h100 = profile('h100-16');
const { peakFp8Tflops: _, ...withoutFp8 } = h100.device;
const a100 = { ...h100, device: { ...withoutFp8, model: 'A100-SXM4-80GB' } };

describe('products in FP8', () => {
  it('are off unless they are asked for, and change nothing then', () => {
    const found = plan(s1, h100);
    expect(found.changesNumerics).toEqual([]);
    expect(found.verdicts.map(({ name }) => name)).not.toContain('fp8-products');
    expect(plan(s1, a100)).toEqual(found);
    expect(placeKey(h100, s1)).not.toContain('fp8');
  });

  it('are marked as changing numerics, in the plan and to a person, and are learnt from apart', () => {
    const found = plan(inFp8, h100);
    expect(found.changesNumerics).toEqual([
      { field: 'training.compute', what: expect.stringContaining('FP8, each row scaled') },
    ]);
    expect(verdict(found, 'fp8-products')).toMatchObject({ ok: true, refuses: true });
    expect(verdict(found, 'fp8-products').message).toMatch(/^changes numerics: /);
    expect(printPlan(found, h100)).toMatch(
      /numerics +training\.compute changes numerics: the blocks’ products/,
    );
    expect(placeKey(h100, inFp8)).not.toBe(placeKey(h100, s1));
  });

  it('so are gradients that are reduced in bf16', () => {
    const fields = plan(recipe('s1-32b-as-published'), h100).changesNumerics?.map(({ field }) => field);
    expect(fields).toEqual(['training.asPublished']);
  });

  it('are refused on a device that has none, by the field that would say so', () => {
    const found = plan(inFp8, a100);
    expect(refusals(found)).toContain('fp8-products');
    expect(verdict(found, 'fp8-products').message).toContain(
      'device.peakFp8Tflops of h100-16 is not set: A100-SXM4-80GB has to multiply in FP8',
    );
  });

  it('are refused where a width is no multiple of 16, by the widths that are none', () => {
    const { architecture } = s1.model;
    const odd = { ...architecture, feedForwardSize: 27_640, headSize: 125, keyValueHeads: 8 };
    const found = plan({ ...inFp8, model: { ...s1.model, architecture: odd } }, h100);
    const { ok, message } = verdict(found, 'fp8-products');
    expect(ok).toBe(false);
    expect(message).toContain('queryHeads x headSize is 5,000');
    expect(message).toContain('keyValueHeads x headSize is 1,000');
    expect(message).toContain('feedForwardSize is 27,640');
    expect(message).not.toContain('hiddenSize');
  });

  it('leave checkpoints, traffic and what is kept as they are', () => {
    const [wide, narrow] = [plan(s1, h100), plan(inFp8, h100)];
    expect(narrow.checkpoints).toEqual(wide.checkpoints);
    expect(narrow.duration.networkSeconds).toBe(wide.duration.networkSeconds);
    expect(narrow.recomputeLimits).toEqual(wide.recomputeLimits);
    expect(narrow.flops.perEpoch).toBe(wide.flops.perEpoch);
  });

  it('save a sixth of s1-32b’s steps', () => {
    const share = plan(inFp8, h100).duration.stepSeconds / plan(s1, h100).duration.stepSeconds;
    expect(share).toBeGreaterThan(0.8);
    expect(share).toBeLessThan(0.87);
  });
});

describe('memory of products in FP8', () => {
  const shape: StepShape = {
    architecture: TINY,
    size: modelSize(TINY, 32),
    shards: 4,
    reductionBytes: 4,
    tokens: 16,
    recompute: 'selective',
    sequenceParallel: 2,
    compile: true,
    fp8: false,
    computeBytes: 2,
  };
  const worksAs = (of: StepShape): readonly number[] =>
    momentsOf(of).flatMap(({ phase, working }: Moment) => (phase === 'backward' ? [working] : []));

  it('is that of the last wide product’s casts more: its gradient in a byte, its weight, in eager blocks scaled, too', () => {
    const gain = (compile: boolean) => {
      const [wide, narrow] = [false, true].map((fp8) => worksAs({ ...shape, compile, fp8 }));
      return narrow?.map((bytes, index) => bytes - (wide?.[index] ?? 0)).slice(0, 4);
    };
    const matrix = 8 * 16;
    expect(gain(true)).toEqual([0, 0, 16 * 16 + matrix, 0]);
    expect(gain(false)).toEqual([0, 0, 16 * 16 + 3 * matrix, 0]);
  });
});
