import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../../../orchestrator/documents/digest.ts';
import type { SettledEvaluation } from '../../../orchestrator/recipe/evaluation-recipe.ts';
import type { FineTune } from '../../../orchestrator/recipe/fine-tune.ts';
import type { EvaluationResult } from '../../../orchestrator/wire/evaluation-result.ts';
import type { Prepared, PreparedEvaluation } from '../../../orchestrator/wire/prepared.ts';
import { CONFIG, safetensors, tensorsOf, writeFiles } from '../../registry/safetensors-file.ts';

/** As many samples as s1K has, and as long in the mean as a public reproduction measured them. */
const SAMPLES = 1_000;
const MEAN_TOKENS = 5_658;

/**
 * Lays into a run's work folder what its stages would leave there: simulated pods run nothing and write nothing. All of
 * it is what the controller verifies, in its smallest true form; the model is a Qwen2 of a few kilobytes.
 */
export function layResults(work: string, recipe: FineTune): void {
  writeJson(join(work, 'data', 'prepared.json'), preparedOf(recipe));
  const model = join(work, 'model');
  const files = writeFiles(model, {
    'config.json': CONFIG,
    'model.safetensors': safetensors(tensorsOf(CONFIG)),
  });
  writeJson(join(model, 'manifest.json'), { stage: 'export', spec: sha256('spec'), files });
  if (recipe.evaluation) writeJson(join(work, 'evaluation', 'results.json'), evaluationOf(recipe.evaluation));
}

/** The same of a run that only evaluates, where prepare has found that. */
export function layAnswers(work: string, { evaluation }: SettledEvaluation, found: PreparedEvaluation): void {
  writeJson(join(work, 'data', 'prepared.json'), found);
  writeJson(join(work, 'evaluation', 'results.json'), evaluationOf(evaluation));
}

function preparedOf({ training }: FineTune): Prepared {
  // None is cut: where sequences are short, samples are shorter.
  const mean = Math.min(MEAN_TOKENS, Math.floor(training.sequenceLength / 2));
  const lengths = Array.from(
    { length: SAMPLES },
    (_, index) => mean + Math.floor(((index % 101) - 50) * (mean / 100)),
  );
  const steps = Math.ceil((SAMPLES * training.epochs) / training.globalBatch);
  return {
    samples: SAMPLES,
    truncated: 0,
    dropped: 0,
    lengths,
    labels: lengths.map((tokens) => Math.ceil(tokens * 0.9)),
    longest: Math.max(...lengths),
    steps,
    warmupSteps: Math.floor(steps * training.schedule.warmupRatio),
    vocabularySize: 151_665,
    dataset: sha256('dataset'),
    rows: sha256('rows'),
  };
}

function evaluationOf({ benchmarks, controls }: NonNullable<FineTune['evaluation']>): EvaluationResult {
  return {
    checkpoint: sha256('checkpoint'),
    benchmarks: benchmarks.map(({ name }) => ({
      name,
      n: 2,
      questions: sha256(name),
      results: controls.map((control) => ({
        control: control.kind,
        budget: control.maxThinkingTokens,
        times: control.kind === 'wait' ? control.times : 0,
        correct: [1, 0],
        thinkingTokens: [100, 200],
        forced: 0,
        unreadable: 0,
        cut: 0,
      })),
    })),
  };
}

function writeJson(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value));
}
