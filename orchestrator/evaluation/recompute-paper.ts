import type { PublishedMethod, PublishedPoint } from './paper-s1.ts';
import { performance, scaling } from './scaling-metrics.ts';

export interface RecomputedMethod {
  readonly method: string;
  readonly name: string;
  readonly source: string;
  /** In percent, points a doubling, and percent. */
  readonly recomputed: Metrics;
  readonly printed: Metrics;
  /** Every figure comes out as it is printed. */
  readonly reproducible: boolean;
}

interface Metrics {
  readonly control: number;
  readonly scaling: number;
  readonly performance: number;
}

export interface NotReproducible {
  readonly method: string;
  readonly metric: keyof Metrics;
  readonly printed: number;
  readonly recomputed: number;
  /** The same with each of the evaluations left out, as a paper may have counted fewer than it shows. */
  readonly withoutOne: readonly Fewer[];
}

export interface Fewer extends Metrics {
  /** Of the evaluation that is left out. */
  readonly meanThinkingTokens: number;
  /** Every figure comes out as it is printed. */
  readonly reproducible: boolean;
}

const METRICS = ['control', 'scaling', 'performance'] as const;
/** Table 3 prints control and scaling as whole numbers, performance with one decimal. */
const DECIMALS = { control: 0, scaling: 0, performance: 1 } as const;

/** What the published points of each method give, beside what the paper prints. */
export function recomputePaper(
  methods: Readonly<Record<string, PublishedMethod>>,
): readonly RecomputedMethod[] {
  return Object.entries(methods).map(([method, { name, source, printed, points }]) => {
    const recomputed = metricsOf(points);
    return { method, name, source, recomputed, printed, reproducible: isPrinted(recomputed, printed) };
  });
}

/** The printed figures that the published points do not give. */
export function notReproducible(
  methods: Readonly<Record<string, PublishedMethod>>,
): readonly NotReproducible[] {
  return Object.entries(methods).flatMap(([method, { printed, points }]) => {
    const recomputed = metricsOf(points);
    const withoutOne = points.map(({ meanThinkingTokens }, left) => {
      const metrics = metricsOf(points.filter((_, index) => index !== left));
      return { meanThinkingTokens, ...metrics, reproducible: isPrinted(metrics, printed) };
    });
    return METRICS.filter((metric) => !isPrintedAs(metric, recomputed[metric], printed[metric])).map(
      (metric) => ({
        method,
        metric,
        printed: printed[metric],
        recomputed: recomputed[metric],
        withoutOne,
      }),
    );
  });
}

const isPrinted = (metrics: Metrics, printed: Metrics): boolean =>
  METRICS.every((metric) => isPrintedAs(metric, metrics[metric], printed[metric]));

const isPrintedAs = (metric: keyof Metrics, value: number, printed: number): boolean =>
  value.toFixed(DECIMALS[metric]) === printed.toFixed(DECIMALS[metric]);

/** s1, section 3.2. */
function metricsOf(points: readonly PublishedPoint[]): Metrics {
  return {
    control: (100 * points.filter(obeys).length) / points.length,
    scaling: scaling(points) ?? 0,
    performance: 100 * (performance(points) ?? 0),
  };
}

const obeys = ({ asked, meanThinkingTokens }: PublishedPoint): boolean =>
  'atMost' in asked ? meanThinkingTokens <= asked.atMost : meanThinkingTokens >= asked.atLeast;
