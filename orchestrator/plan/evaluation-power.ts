import { smallestTold } from '../evaluation/power.ts';
import type { EvaluationSettings } from '../recipe/evaluation.ts';
import { type KnownBenchmark, knownQuestions } from './evaluation-load.ts';
import type { BenchmarkPower } from './plan.ts';

/** What each benchmark can tell at best; of one whose questions nobody has counted yet, nothing is said. */
export function evaluationPower(
  { benchmarks }: EvaluationSettings,
  known: readonly KnownBenchmark[],
): BenchmarkPower[] {
  return benchmarks.flatMap((benchmark) => {
    const questions = knownQuestions(benchmark, known) ?? 0;
    if (questions === 0) return [];
    return [{ benchmark: benchmark.name, questions, smallestDifference: remembered(questions) }];
  });
}

/** Plans are made by the hundred, of a few benchmarks. */
const memory = new Map<number, number | null>();
function remembered(questions: number): number | null {
  const known = memory.get(questions);
  if (known !== undefined) return known;
  const found = smallestTold(questions);
  memory.set(questions, found);
  return found;
}
