import type { EvaluationResult } from '../wire/evaluation-result.ts';
import type { ArmDifference, UntouchedModel } from './comparison.ts';
import { evaluationsOf } from './describe-arm.ts';
import { armDifferences, type EvaluatedArm } from './differences.ts';

type Measured = NonNullable<EvaluationResult['untouched']>;

interface Source {
  readonly name: string;
  readonly arms: readonly EvaluatedArm[];
  readonly measured: Measured;
}

/** What the arms' models answered before they were trained: once where all began from the same, else for each arm. */
function sourcesOf(arms: readonly EvaluatedArm[]): readonly Source[] {
  const sources = arms.flatMap(({ untouched, ...arm }) =>
    untouched === undefined ? [] : [{ name: `${arm.name} untouched`, arms: [arm], measured: untouched }],
  );
  const [first] = sources;
  if (first === undefined) return [];
  const text = JSON.stringify(first.measured);
  const isOne = sources.every(({ measured }) => JSON.stringify(measured) === text);
  return isOne ? [{ ...first, name: 'untouched', arms: sources.flatMap((source) => source.arms) }] : sources;
}

/** The models that training began from, with their accuracies and how far each arm lies above its own. */
export function compareWithUntouched(arms: readonly EvaluatedArm[]): {
  readonly untouched: readonly UntouchedModel[];
  readonly overUntouched: readonly ArmDifference[];
} {
  const sources = sourcesOf(arms);
  return {
    untouched: sources.map(({ name, measured }) => ({ name, evaluations: evaluationsOf(measured) })),
    overUntouched: sources.flatMap(({ name, measured, arms: own }) =>
      own.flatMap((arm) => armDifferences({ name, evaluation: measured }, arm)),
    ),
  };
}
