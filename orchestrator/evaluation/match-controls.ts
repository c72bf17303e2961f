import type { ControlResult, EvaluationResult } from '../wire/evaluation-result.ts';
import { isSameControl } from './control-name.ts';

/** The same control on the same questions, in two results. */
export interface MatchedControl {
  readonly benchmark: string;
  readonly reference: ControlResult;
  readonly other: ControlResult;
}

export interface Match {
  readonly controls: readonly MatchedControl[];
  /** Benchmarks of one name whose questions differ; a paired comparison over them would mean nothing. */
  readonly otherQuestions: readonly string[];
}

type Measured = Pick<EvaluationResult, 'benchmarks'>;

export function matchControls(reference: Measured, other: Measured): Match {
  const controls: MatchedControl[] = [];
  const otherQuestions: string[] = [];
  for (const benchmark of reference.benchmarks) {
    const counterpart = other.benchmarks.find((candidate) => candidate.name === benchmark.name);
    if (counterpart === undefined) continue;
    if (counterpart.questions !== benchmark.questions) {
      otherQuestions.push(benchmark.name);
      continue;
    }
    for (const result of benchmark.results) {
      const match = counterpart.results.find((candidate) => isSameControl(candidate, result));
      if (match !== undefined) controls.push({ benchmark: benchmark.name, reference: result, other: match });
    }
  }
  return { controls, otherQuestions };
}
