import { globSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { makeEvaluationPlan } from '../../orchestrator/plan/make-evaluation-plan.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import { DEFAULT_PROMPT, type SettledEvaluation } from '../../orchestrator/recipe/evaluation-recipe.ts';
import { refusals } from '../plan/fixtures.ts';
import { exampleRecipe } from './example-recipe.ts';

/** Sixteen devices that see each other over a fast network, or eight with enough memory for the same model. */
const FOR_32B = ['h100-16', 'gke-a3-mega-16', 'gke-a3-ultra-16', 'eks-p5-16', 'h200-8'];
/** Any node of eight serves it. */
const FOR_32B_TO_ANSWER = [...FOR_32B, 'h100-8', 'ethernet-16'];

const MEANT_FOR: Readonly<Record<string, readonly string[]>> = {
  'recipes/s1-32b.yaml': FOR_32B,
  'recipes/s1-32b-as-published.yaml': FOR_32B,
  'recipes/s1.1-32b.yaml': FOR_32B,
  'recipes/s1-59k.yaml': FOR_32B,
  'recipes/evaluate/s1-32b.yaml': FOR_32B_TO_ANSWER,
  'recipes/evaluate/aime24-sampled.yaml': FOR_32B_TO_ANSWER,
  'recipes/evaluate/s1-controls.yaml': FOR_32B_TO_ANSWER,
  // Of a checkpoint that somebody has trained before, and names then.
  'recipes/evaluate/quickstart.yaml': [],
  'recipes/ablations/sequence-length.yaml': ['h100-16'],
  'recipes/quickstart.yaml': ['laptop'],
  'recipes/smollm2.yaml': ['laptop'],
};

const cases = Object.entries(MEANT_FOR).flatMap(([file, profiles]) =>
  profiles.map((on) => [file, on] as const),
);

async function plansOf(file: string, profile: ClusterProfile): Promise<readonly Plan[]> {
  const { recipe, recipeDigest, arms } = await loadRecipe(
    file.endsWith('smollm2.yaml') ? exampleRecipe() : file,
  );
  if (recipe.kind !== 'Evaluation') return arms.map((arm) => makePlan(arm.recipe, arm.recipeDigest, profile));
  const settled = { ...recipe, prompt: recipe.prompt ?? DEFAULT_PROMPT } as SettledEvaluation;
  return [makeEvaluationPlan(settled, recipeDigest, profile)];
}

it('every recipe that is shipped is here', () => {
  expect(globSync('recipes/**/*.yaml').toSorted()).toEqual(Object.keys(MEANT_FOR).toSorted());
});

it.each(cases)('%s can be launched on %s, its evaluation included', async (file, on) => {
  const plans = await plansOf(file, await loadProfile(on));
  expect(plans.length).toBeGreaterThan(0);
  for (const plan of plans) {
    expect(refusals(plan)).toEqual([]);
    const evaluate = plan.stages?.find(({ name }) => name === 'evaluate');
    expect(evaluate?.gpuHours.expected).toBeGreaterThan(0);
    expect(plan.cost.expected).toBeGreaterThan(0);
  }
});

it('the evaluations of s1 say what they can tell on h100-16, and what more answers would cost', async () => {
  const profile = await loadProfile('h100-16');
  const [plan] = await plansOf('recipes/evaluate/s1-32b.yaml', profile);
  expect(plan?.power?.map(({ benchmark, questions, samples }) => [benchmark, questions, samples])).toEqual([
    ['aime24', 30, 1],
    ['math500', 500, 1],
    ['gpqa-diamond', 198, 1],
  ]);
  for (const { smallestDifference, atSamples = [] } of plan?.power ?? []) {
    expect(atSamples.map(({ samples }) => samples)).toEqual([1, 4, 16, 64]);
    expect(atSamples[0]?.smallestDifference).toBe(smallestDifference);
    const told = atSamples.map((each) => each.smallestDifference ?? 1);
    const hours = atSamples.map(({ deviceHours }) => deviceHours);
    expect(told).toEqual(told.toSorted((a, b) => b - a));
    expect(hours).toEqual(hours.toSorted((a, b) => a - b));
    expect(hours[0]).toBeGreaterThan(0);
    for (const { deviceHours, cost, currency } of atSamples) {
      expect(cost).toBeCloseTo(deviceHours * profile.price.perDeviceHour, 9);
      expect(currency).toBe(profile.price.currency);
    }
  }
});
