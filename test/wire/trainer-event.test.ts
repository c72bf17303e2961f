import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FineTune, FineTuneSchema } from '../../orchestrator/recipe/fine-tune.ts';
import { jobSpecText } from '../../orchestrator/render/job-spec.ts';
import { NO_INPUTS } from '../../orchestrator/wire/inputs.ts';
import { type TrainerEvent, TrainerEventSchema } from '../../orchestrator/wire/trainer-event.ts';
import { DIGEST, plan, profile } from '../plan/fixtures.ts';

const work = mkdtempSync(join(tmpdir(), 'stint-events-'));
const lines: unknown[] = [];

const recipe: FineTune = FineTuneSchema.parse({
  kind: 'FineTune',
  name: 'digits',
  model: {
    kind: 'scratch',
    architecture: {
      layers: 1,
      hiddenSize: 32,
      queryHeads: 2,
      keyValueHeads: 2,
      headSize: 16,
      feedForwardSize: 64,
      tiedEmbeddings: true,
    },
  },
  dataset: { source: { kind: 'generated', generator: 'running-digit', samples: 32, seed: 5 } },
  training: {
    sequenceLength: 512,
    epochs: 1,
    globalBatch: 8,
    optimizer: { learningRate: 0.001 },
    compute: 'fp32',
    compile: false,
  },
});

/** Runs a stage as the local cluster does; its standard output are its events. */
function run(stage: string, module: string): string {
  const env = {
    PATH: process.env['PATH'],
    OMP_NUM_THREADS: '1',
    STINT_SPEC: join(work, 'spec.json'),
    STINT_WORK: work,
    STINT_STAGE: stage,
    STINT_RUN: 'events',
    MASTER_ADDR: '127.0.0.1',
    MASTER_PORT: '0',
    RANK: '0',
    LOCAL_RANK: '0',
    WORLD_SIZE: '1',
  };
  return execFileSync('.venv/bin/python', ['-m', module], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  }).toString();
}

beforeAll(() => {
  const floors = { gemmTflops: 1e-6, ringGBps: 1e-6, diskMBps: 1e-3 };
  const on = { ...profile('laptop'), devicesPerNode: 1, floors };
  const decision = {
    run: 'events',
    recipe,
    recipeDigest: DIGEST,
    inputs: NO_INPUTS,
    profile: on,
    plan: plan(recipe, on),
  };
  writeFileSync(join(work, 'spec.json'), jobSpecText(decision));
  const output = run('prepare', 'trainer.prepare') + run('train', 'trainer.sft');
  for (const line of output.split('\n')) if (line.startsWith('{"event"')) lines.push(JSON.parse(line));
}, 120_000);

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

describe('what the trainer reports', () => {
  it('is known to the control plane field by field', () => {
    for (const line of lines) expect(TrainerEventSchema.parse(line)).toEqual(line);
  });

  it('has an event of each kind', () => {
    const events = lines.map((line) => TrainerEventSchema.parse(line));
    const kinds = new Set(events.map(({ event }) => event));
    expect([...kinds].toSorted()).toEqual(['checkpoint', 'phase', 'preflight', 'progress', 'step']);
    expect(steps(events)).toHaveLength(4);
  });

  it('says of each step where its time went, and what the plan expected of it', () => {
    const expected: unknown = JSON.parse(readFileSync(join(work, 'spec.json'), 'utf8'));
    for (const step of steps(lines.map((line) => TrainerEventSchema.parse(line)))) {
      const parts = Object.values(step.phaseSeconds).reduce((sum, seconds) => sum + seconds, 0);
      expect(parts).toBeCloseTo(step.seconds, 4);
      expect(step.hfu).toBe(step.mfu);
      expect(step.recompute).toBe('none');
      expect(expected).toMatchObject({ expected: { mfu: expect.closeTo(step.plannedMfu, 5) as number } });
    }
  });
});

const steps = (events: readonly TrainerEvent[]) => events.filter((event) => event.event === 'step');
