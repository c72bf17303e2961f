import { expect, it } from 'vitest';
import { plannedAnew } from '../../orchestrator/controller/planned-anew.ts';
import { mayHold } from '../../orchestrator/controller/retry-limits.ts';
import { currentPlan } from '../../orchestrator/run/current-plan.ts';
import { arms, plan, withTraining } from '../plan/fixtures.ts';

const [launchedRecipe] = arms('quickstart');
if (launchedRecipe === undefined) throw new Error('the quickstart has arms');
const launched = plan(launchedRecipe, 'laptop');
const reviewed = plan(withTraining(launchedRecipe, { epochs: 9 }), 'laptop');

it('what prepare’s data changes of an announced plan is told with both figures, and nothing where nothing changed', () => {
  expect(plannedAnew(launched, launched)).toBeNull();
  const told = plannedAnew(launched, reviewed);
  expect(told).toMatch(
    /^planned again from the prepared data: 11,200 samples, 6,300 steps, .*; announced were 11,200 samples, 700 steps/,
  );
  expect(plannedAnew({ ...launched, basis: 'none' }, reviewed)).toContain(
    'nothing was known of it at launch',
  );
});

it('of what trains nothing neither samples nor steps are told', () => {
  const [stage] = launched.stages ?? [];
  if (stage === undefined) throw new Error('a plan has stages');
  const asked: typeof launched = { ...launched, basis: 'none', samples: 0, steps: 0, stages: [stage] };
  const told = plannedAnew(asked, { ...asked, gpuHours: { expected: 3, low: 2, high: 4 } });
  expect(told).toMatch(
    /^planned again from the prepared data: 3\.?0* device-hours .*; announced were [\d.]+ device/,
  );
});

it('retries are held against the plan as it was judged last, not against the guess of the launch', () => {
  const events = [{ seq: 1, at: 0, event: { type: 'plan-reviewed', plan: reviewed } }] as const;
  const judged = currentPlan(launched, events);
  expect(mayHold(judged, undefined)).toBe(mayHold(reviewed, undefined));
  expect(mayHold(judged, undefined)).toBeGreaterThan(3 * mayHold(launched, undefined));
  expect(mayHold(judged, { gpuHours: 1 })).toBe(3_600_000);
});
