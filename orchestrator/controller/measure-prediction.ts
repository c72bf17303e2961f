import { trainingHours } from '../plan/stages.ts';
import { currentPlan } from '../run/current-plan.ts';
import type { RecordedEvent, RunEvent } from '../run/event.ts';
import type { RunRecord } from '../run/run-record.ts';
import { HOUR_MILLISECONDS } from '../units/hour.ts';
import { takesSteps } from '../wire/stage-traits.ts';
import { podStatements } from './held-by-phase.ts';
import { watching } from './sight.ts';
import type { Workplace } from './workplace.ts';

/**
 * Before a run is recorded to have succeeded, what its training has held beside what was expected of it. Nothing where it
 * took several attempts: what they lost and did again says nothing of the next run.
 */
export async function withPrediction(
  workplace: Pick<Workplace, 'store' | 'now'>,
  record: RunRecord,
  recorded: readonly RecordedEvent[],
  events: readonly RunEvent[],
): Promise<readonly RunEvent[]> {
  const at = events.findIndex(({ type }) => type === 'succeeded');
  if (at < 0) return events;
  const pods = await podStatements(workplace, watching(workplace.now()), [record.id]);
  const training = pods.filter(({ stage }) => takesSteps(stage));
  const attempts = new Set(training.map(({ attempt }) => attempt));
  const actual = training.reduce((sum, { gpuMilliseconds }) => sum + gpuMilliseconds, 0);
  const plan = currentPlan(record.plan, recorded);
  const { calibration } = plan;
  const predicted = Math.round((trainingHours(plan).expected / (calibration?.bias ?? 1)) * HOUR_MILLISECONDS);
  if (attempts.size !== 1 || actual === 0 || predicted === 0) return events;
  return [...events.slice(0, at), { type: 'prediction-measured', predicted, actual }, ...events.slice(at)];
}
