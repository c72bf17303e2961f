import { methodMetrics } from '../evaluation/control-metrics.ts';
import { summariseControl } from '../evaluation/control-summary.ts';
import { performance } from '../evaluation/scaling-metrics.ts';
import { goodput } from '../ledger/held-time.ts';
import type { RunState } from '../run/state.ts';
import { HOUR_MILLISECONDS } from '../units/hour.ts';
import type { EvaluationResult } from '../wire/evaluation-result.ts';
import type { ArmInput } from './arm-input.ts';
import type { BenchmarkMetrics, ComparedArm, EvaluationRow, PointPrice } from './comparison.ts';
import { heldMilliseconds } from './held-time.ts';
import { distinctSteps, finalLoss, lossCurve, tokensPerSecond } from './training-curve.ts';

/** One arm by itself: everything that needs no other arm. */
export function describeArm(input: ArmInput, name: string, isFactorShared: boolean): ComparedArm {
  const steps = distinctSteps(input.steps);
  const curve = lossCurve(steps);
  const evaluations = input.evaluation === null ? [] : evaluationsOf(input.evaluation);
  const gpuHours = heldMilliseconds(input.gpuMilliseconds) / HOUR_MILLISECONDS;
  return {
    run: input.run,
    name,
    value: isFactorShared ? (input.factor?.value ?? null) : null,
    state: input.state.kind,
    missing: missing(input),
    recipe: input.recipe.name,
    recipeDigest: input.plan.recipeDigest,
    cluster: input.plan.cluster,
    truncatedShare:
      input.prepared === null ? input.plan.truncatedShare : input.prepared.truncated / input.prepared.samples,
    truncatedBasis: input.prepared === null ? 'plan' : 'prepared',
    steps: steps.at(-1)?.step ?? 0,
    plannedSteps: input.plan.steps,
    tokensPerSecond: tokensPerSecond(steps),
    loss: finalLoss(curve),
    lossCurve: curve,
    gpuHours,
    gpuMilliseconds: input.gpuMilliseconds,
    goodput: goodput(input.uses),
    cost: input.cost.amount,
    currency: input.cost.currency,
    evaluations,
    judge: input.evaluation?.judge ?? null,
    metrics: metricsOf(evaluations),
    ...pointPrices(evaluations, input.cost.amount, gpuHours),
    ...perAnswer(input),
    checkpoint: input.checkpoint,
  };
}

export function evaluationsOf({
  benchmarks,
}: Pick<EvaluationResult, 'benchmarks'>): readonly EvaluationRow[] {
  return benchmarks.flatMap((benchmark) =>
    benchmark.results.map((result) => ({ benchmark: benchmark.name, ...summariseControl(result) })),
  );
}

/** Answers of the model that training began from were decoded in the same time. */
function perAnswer({
  evaluation,
  gpuMilliseconds,
  cost,
}: ArmInput): Pick<ComparedArm, 'gpuSecondsPerAnswer' | 'costPerAnswer'> {
  const measured = evaluation === null ? [] : [evaluation, ...[evaluation.untouched ?? []].flat()];
  const answers = measured.flatMap(evaluationsOf).reduce((total, { n, samples }) => total + n * samples, 0);
  const held = heldMilliseconds(gpuMilliseconds);
  if (answers === 0 || held === 0) return { gpuSecondsPerAnswer: null, costPerAnswer: null };
  const evaluating = gpuMilliseconds.evaluating ?? 0;
  return {
    gpuSecondsPerAnswer: evaluating / 1000 / answers,
    costPerAnswer: (cost.amount * evaluating) / held / answers,
  };
}

function pointPrices(
  evaluations: readonly EvaluationRow[],
  cost: number,
  gpuHours: number,
): Pick<ComparedArm, 'perPoint' | 'costPerPoint' | 'gpuHoursPerPoint'> {
  const benchmarks = Object.entries(Object.groupBy(evaluations, ({ benchmark }) => benchmark));
  const perPoint = benchmarks.flatMap(([benchmark, own = []]): readonly PointPrice[] => {
    const points = 100 * (performance(own) ?? 0);
    return points === 0 ? [] : [{ benchmark, cost: cost / points, gpuHours: gpuHours / points }];
  });
  const only = benchmarks.length === 1 ? perPoint[0] : undefined;
  return { perPoint, costPerPoint: only?.cost ?? null, gpuHoursPerPoint: only?.gpuHours ?? null };
}

function metricsOf(evaluations: readonly EvaluationRow[]): readonly BenchmarkMetrics[] {
  return [...new Set(evaluations.map((evaluation) => evaluation.benchmark))].flatMap((benchmark) => {
    const points = evaluations.filter((evaluation) => evaluation.benchmark === benchmark);
    return methodMetrics(points).map((metrics) => ({ benchmark, ...metrics }));
  });
}

function missing(input: ArmInput): string | null {
  const parts = [
    ...(input.state.kind === 'succeeded' ? [] : [describeState(input.state)]),
    ...(input.evaluation === null ? ['it has no evaluation'] : []),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

function describeState(state: Exclude<RunState, { kind: 'succeeded' }>): string {
  const texts: Readonly<Record<typeof state.kind, string>> = {
    queued: 'the run is queued',
    running: 'the run is under way',
    stopping: 'the run is stopping',
    interrupted: 'the run was interrupted and waits to be resumed',
    stopped: 'the run was cancelled',
    failed: 'the run failed',
  };
  return 'stage' in state ? `${texts[state.kind]} in stage ${state.stage}` : texts[state.kind];
}
