import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stateBytes, stopCanBeSaved, writeSeconds } from '../../orchestrator/plan/checkpoint-size.ts';
import { modelSize } from '../../orchestrator/plan/model-size.ts';
import type { FineTune } from '../../orchestrator/recipe/fine-tune.ts';
import { arms, plan, profile, recipe, verdict, withTraining } from './fixtures.ts';

const GPU_PROFILES = globSync('cluster/profiles/*.yaml')
  .map((file) => basename(file, '.yaml'))
  .filter((name) => profile(name).device.kind === 'gpu');
const s1 = () => recipe('s1-32b');

describe('stop-can-be-saved', () => {
  it.each(GPU_PROFILES)('holds for a 32B model on %s', (name) => {
    expect(verdict(plan(s1(), name), 'stop-can-be-saved').message).not.toContain('lost');
    expect(verdict(plan(s1(), name), 'stop-can-be-saved').ok).toBe(true);
  });

  it('refuses where the slowest disk and the grace of one profile do not go together, and says by how much', () => {
    const short = { ...profile('h100-16'), grace: 300 };
    const found = verdict(plan(s1(), short), 'stop-can-be-saved');
    expect(found).toMatchObject({ ok: false, refuses: true });
    expect(found.message).toMatch(
      /393 GB .* 6 min 49 s; a pod that is stopped has 5 min 00 s.*grace to 7 min 00 s/,
    );
    expect(verdict(plan(s1(), { ...short, grace: 420 }), 'stop-can-be-saved').ok).toBe(true);
  });

  it('holds where the checkpoint is whole in the very second of the end', () => {
    const size = modelSize(s1().model.architecture, 152_064);
    const on = profile('h100-16');
    const seconds = 3 + writeSeconds(stateBytes(size), on);
    const ofGrace = (grace: number) => stopCanBeSaved(s1(), size, { ...on, grace }, { seconds: 3 }).ok;
    expect([ofGrace(seconds), ofGrace(seconds - 1e-6)]).toEqual([true, false]);
  });

  it('warns where checkpoints on the way bound what is lost', () => {
    const saving = withTraining(s1(), { checkpoint: { everySteps: 50, keep: 2 } });
    const found = verdict(plan(saving, { ...profile('h100-16'), grace: 300 }), 'stop-can-be-saved');
    expect(found).toMatchObject({
      ok: false,
      refuses: false,
      message: expect.stringContaining('up to 50 steps'),
    });
  });
});

describe('disk-fits', () => {
  const on = (workCapacity: number) => ({ ...profile('h100-16'), workCapacity });

  it('is judged only where the profile says what there is', () => {
    expect(plan(s1(), 'h100-16').verdicts.map(({ name }) => name)).not.toContain('disk-fits');
    expect(verdict(plan(s1(), on(500e9)), 'disk-fits').ok).toBe(true);
  });

  it('counts the checkpoints that are there at once, and the exported model', () => {
    // 393.2 GB of state that a stop left, and 65.5 GB of weights in bf16 that are written beside it.
    expect(verdict(plan(s1(), on(458e9)), 'disk-fits').message).toMatch(
      /^a checkpoint of 393 GB and the last one of 65.5 GB take /,
    );
    expect(verdict(plan(s1(), on(458e9)), 'disk-fits').ok).toBe(false);
    const saving = withTraining(s1(), { checkpoint: { everySteps: 50, keep: 2 } });
    // While one is written two are there; the last one is smaller, and the model beside it goes in its place.
    expect(verdict(plan(saving, on(1_150e9)), 'disk-fits').message).toMatch(/3 checkpoints .* 1.18 TB.*keep/);
    expect(verdict(plan(saving, on(1_200e9)), 'disk-fits').ok).toBe(true);
    const one = withTraining(s1(), { checkpoint: { everySteps: 50, keep: 1 } });
    expect(verdict(plan(one, on(780e9)), 'disk-fits')).toMatchObject({ ok: false, refuses: true });
    expect(verdict(plan(one, on(780e9)), 'disk-fits').message).not.toContain('keep');
    expect(verdict(plan(one, on(790e9)), 'disk-fits').ok).toBe(true);
  });
});

describe('warmup-ends', () => {
  const [small] = arms('quickstart') as [FineTune, FineTune];
  const warming = (warmupRatio: number, globalBatch: number) =>
    verdict(
      plan(withTraining(small, { globalBatch, schedule: { kind: 'cosine', warmupRatio } }), 'laptop'),
      'warmup-ends',
    );

  it('refuses a run that is over before its warm-up is, and names what would do', () => {
    // 11,200 samples are 3 steps of 4,000, and one of 12,000.
    expect(warming(0.9, 4_000)).toMatchObject({ ok: false, refuses: true });
    expect(warming(0.9, 4_000).message).toContain('to at most 0.66');
    expect(warming(0.66, 4_000).ok).toBe(true);
    expect(warming(0.05, 12_000).message).toContain('set training.schedule.warmupRatio to 0');
    expect(warming(0, 12_000).ok).toBe(true);
  });
});
