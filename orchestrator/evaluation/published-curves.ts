import type { Method } from './control-metrics.ts';
import { S1_METHODS } from './paper-s1.ts';
import type { ScalingPoint } from './scaling-metrics.ts';
import { type Interval, shareInterval } from './share-interval.ts';

/** What somebody else has published about a benchmark, to stand beside what was measured here. */
export interface PublishedCurve {
  readonly benchmark: string;
  /** The model, and that it was not measured here. */
  readonly name: string;
  readonly method: Method;
  /** With the interval that follows from the number of questions; the paper prints none. */
  readonly points: readonly (ScalingPoint & Interval)[];
}

interface Published {
  readonly method: Method;
  /** Names by which the benchmark goes, in small letters and digits alone. */
  readonly names: readonly string[];
  readonly questions: number;
  readonly points: readonly ScalingPoint[];
}

const rightOf = (
  questions: number,
  rows: readonly (readonly [tokens: number, right: number])[],
): Published => ({
  method: 'budget forcing',
  names: [],
  questions,
  points: rows.map(([meanThinkingTokens, right]) => ({ meanThinkingTokens, accuracy: right / questions })),
});

const AIME24 = ['aime24', 'aime2024'];

/** Figure 1 of s1 (arXiv 2501.19393): budget forcing of s1-32B. Read off its vector graphics, right answers rounded to whole ones. And Figure 6. */
const FIGURES: readonly Published[] = [
  { method: 'budget forcing', names: AIME24, questions: 30, points: S1_METHODS.budgetForcing.points },
  {
    ...rightOf(500, [
      [499, 320],
      [984, 400],
      [1_814, 428],
      [2_868, 453],
      [3_200, 466],
    ]),
    names: ['math500'],
  },
  {
    ...rightOf(198, [
      [500, 75],
      [985, 98],
      [1_742, 101],
      [3_231, 114],
      [4_649, 118],
    ]),
    names: ['gpqadiamond'],
  },
  {
    method: 'rejection sampling',
    names: AIME24,
    questions: 30,
    points: S1_METHODS.rejectionSampling.points,
  },
];

/** Of each of these benchmarks that goes by the name of a published one and has as many questions. */
export function publishedCurves(
  benchmarks: readonly { readonly name: string; readonly n: number }[],
): readonly PublishedCurve[] {
  return benchmarks.flatMap(({ name, n }) => {
    const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
    return FIGURES.filter(({ names, questions }) => names.includes(plain) && questions === n).map(
      ({ method, points }) => ({
        benchmark: name,
        method,
        name: 's1-32B as published',
        points: points.map(({ meanThinkingTokens, accuracy }) => ({
          meanThinkingTokens,
          accuracy,
          ...shareInterval(answersOf(accuracy, n)),
        })),
      }),
    );
  });
}

const answersOf = (accuracy: number, n: number): readonly number[] =>
  Array.from({ length: n }, (_, question) => (question < Math.round(accuracy * n) ? 1 : 0));
