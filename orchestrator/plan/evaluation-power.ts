import { smallestToldBy } from '../evaluation/sampled-power.ts';
import { hoursOf } from './answering.ts';
import type { AnsweringFacts } from './answering-plan.ts';
import { knownQuestions } from './evaluation-load.ts';
import type { BenchmarkPower } from './plan.ts';

/** Answers to each question that are worth a thought: the paper's one, and as many as its majority votes have. */
const SAMPLES = [1, 4, 16, 64];

/**
 * What each benchmark can tell, answered as often as the recipe says and as often as it could be, and what device time that
 * takes; of one whose questions nobody has counted yet, nothing is said.
 */
export function evaluationPower(facts: AnsweringFacts): BenchmarkPower[] {
  const { benchmarks, samples = 1 } = facts.recipe.evaluation;
  return benchmarks.flatMap((benchmark) => {
    const questions = knownQuestions(benchmark, facts.known) ?? 0;
    if (questions === 0) return [];
    const { name } = benchmark;
    const smallest = remembered(questions, samples);
    const atSamples = [...new Set([samples, ...SAMPLES.filter((more) => more > samples)])].map((each) => ({
      samples: each,
      smallestDifference: remembered(questions, each),
      ...priced(hoursOf(facts, name, each), facts.profile),
    }));
    return [{ benchmark: name, questions, samples, smallestDifference: smallest, atSamples }];
  });
}

const priced = (deviceHours: number, { price }: AnsweringFacts['profile']) => ({
  deviceHours,
  cost: deviceHours * price.perDeviceHour,
  currency: price.currency,
});

/** Plans are made by the hundred, of a few benchmarks. */
const memory = new Map<string, number | null>();
function remembered(questions: number, samples: number): number | null {
  const key = `${questions} ${samples}`;
  const known = memory.get(key);
  if (known !== undefined) return known;
  const found = smallestToldBy(questions, samples);
  memory.set(key, found);
  return found;
}
