import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedLengths } from '../../orchestrator/plan/generated-lengths.ts';
import { sizeUp } from '../../orchestrator/plan/sizing.ts';
import { type FineTune, FineTuneSchema } from '../../orchestrator/recipe/fine-tune.ts';
import { jobSpecText } from '../../orchestrator/render/job-spec.ts';
import { NO_INPUTS } from '../../orchestrator/wire/inputs.ts';
import { type Prepared, PreparedSchema } from '../../orchestrator/wire/prepared.ts';
import { DIGEST, plan, profile } from './fixtures.ts';

const recipe = (systemPrompt: string | null, thinking?: object): FineTune =>
  FineTuneSchema.parse({
    kind: 'FineTune',
    name: 'digits',
    model: {
      kind: 'scratch',
      architecture: {
        layers: 1,
        hiddenSize: 64,
        queryHeads: 2,
        keyValueHeads: 2,
        headSize: 32,
        feedForwardSize: 128,
        tiedEmbeddings: true,
      },
    },
    dataset: {
      source: { kind: 'generated', generator: 'running-digit', samples: 2000, seed: 5 },
      systemPrompt,
      thinking,
    },
    training: { sequenceLength: 512, epochs: 1, globalBatch: 16, optimizer: { learningRate: 0.001 } },
  });

/** What the real prepare stage finds. */
function prepare(of: FineTune): Prepared {
  const work = mkdtempSync(join(tmpdir(), 'stint-lengths-'));
  try {
    const spec = join(work, 'spec.json');
    const decision = {
      run: 'lengths',
      recipe: of,
      recipeDigest: DIGEST,
      inputs: NO_INPUTS,
      profile: profile('laptop'),
    };
    writeFileSync(spec, jobSpecText({ ...decision, plan: plan(of, 'laptop') }));
    const env = {
      PATH: process.env['PATH'],
      STINT_SPEC: spec,
      STINT_WORK: work,
      STINT_STAGE: 'prepare',
      STINT_RUN: 'lengths',
      STINT_ATTEMPT: '1',
      STINT_REACHED_STEP: '0',
      STINT_TERMINATION_LOG: join(work, 'termination.json'),
      JOB_COMPLETION_INDEX: '0',
    };
    execFileSync('.venv/bin/python', ['-m', 'trainer.prepare'], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return PreparedSchema.parse(JSON.parse(readFileSync(join(work, 'data/prepared.json'), 'utf8')));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const mean = (lengths: readonly number[]) =>
  lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
const quantile = (lengths: readonly number[], share: number) =>
  lengths.toSorted((a, b) => a - b)[Math.floor(share * lengths.length)] ?? 0;

describe('lengths predicted for the generator', () => {
  it.each([
    [null, undefined],
    ['You are Qwen, created by Alibaba Cloud. You are a helpful assistant.', undefined],
    [null, { start: '<|begin_of_thought|>', end: '</think>' }],
  ])(
    'are those of the data it makes, to 3% in the mean and 6% in each decile (system prompt: %s, thinking: %o)',
    (systemPrompt, delimiters) => {
      const of = recipe(systemPrompt, delimiters);
      const { source } = of.dataset;
      if (source.kind !== 'generated') throw new Error('the recipe generates its data');
      const predicted = generatedLengths(source, systemPrompt, of.dataset.thinking);
      const prepared = prepare(of);
      expect(Math.abs(mean(predicted) / mean(prepared.lengths) - 1)).toBeLessThan(0.03);
      for (const share of [0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
        expect(Math.abs(quantile(predicted, share) / quantile(prepared.lengths, share) - 1)).toBeLessThan(
          0.06,
        );
      const assumed = sizeUp(of, profile('laptop')).size.vocabulary;
      expect(Math.abs(assumed / prepared.vocabularySize - 1)).toBeLessThan(0.15);
      expect(plan(of, 'laptop')).toMatchObject({ steps: prepared.steps, warmupSteps: prepared.warmupSteps });
    },
  );
});
