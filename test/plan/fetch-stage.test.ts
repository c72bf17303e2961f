import { expect, it } from 'vitest';
import { printPlan } from '../../orchestrator/cli/print-plan.ts';
import { makeEvaluationPlan } from '../../orchestrator/plan/make-evaluation-plan.ts';
import { type Plan, PlanSchema } from '../../orchestrator/plan/plan.ts';
import { SettledEvaluationSchema } from '../../orchestrator/recipe/evaluation-recipe.ts';
import { stagesOf } from '../../orchestrator/run/stages.ts';
import { profile, recipe } from './fixtures.ts';
import { asksHub } from './hub-models.ts';

const LAPTOP = profile('laptop');
const planOf = (of: ReturnType<typeof asksHub>, on = LAPTOP) => makeEvaluationPlan(of, 'd', on);
const fetching = ({ stages }: Plan) => stages?.find(({ name }) => name === 'prepare');

it.each([
  ['a hub’s model', { model: true }],
  ['a hub’s questions', { model: false, questions: true }],
  ['neither', { model: false }],
])('the plan of an evaluation of %s has the stages that its run has', (_, asked) => {
  const of = asksHub(asked);
  const plan = planOf(of);
  expect(PlanSchema.parse(plan)).toEqual(plan);
  expect(plan.stages?.map(({ name }) => name)).toEqual(stagesOf(of));
});

it('what a hub has is fetched without device time: a plan costs what it cost from a folder', () => {
  const [hub, folder] = [planOf(asksHub({})), planOf(asksHub({ model: false }))];
  expect(fetching(hub)).toMatchObject({ devices: 0, gpuHours: { expected: 0, low: 0, high: 0 } });
  expect([hub.gpuHours, hub.cost, hub.duration]).toEqual([folder.gpuHours, folder.cost, folder.duration]);
  expect(printPlan(hub, LAPTOP)).toMatch(/\n +fetching +\S+ s \(.* to .*\) from a hub, without a device\n/);
  expect(printPlan(folder, LAPTOP)).not.toContain('fetching');
});

it('65.5 GB of weights take minutes, and none where a server elsewhere has them', () => {
  const { model, evaluation } = recipe('s1-32b');
  const of = SettledEvaluationSchema.parse({ ...asksHub({}), model, evaluation });
  const seconds = (engine: object) =>
    fetching(planOf({ ...of, evaluation: { ...of.evaluation, ...engine } }, profile('h100-16')))?.duration;
  // 655 s at 100 MB/s, and as long as their volume's 400 MB/s to hash them.
  expect(seconds({})?.expectedSeconds).toBeCloseTo(5 + 65.5e9 / 1e8 + 65.5e9 / 4e8, -1);
  // How far away a hub is, is less sure than what this machine does: 0.1 to 10 times beside 0.3 to 3 times.
  expect(seconds({})?.lowSeconds).toBeCloseTo(0.1 * 655 + 0.3 * (5 + 164), -1);
  expect(seconds({})?.highSeconds).toBeCloseTo(10 * 655 + 3 * (5 + 164), -1);
  const engine = { kind: 'endpoint', url: 'http://inference.example/v1' };
  expect(seconds({ engine })?.expectedSeconds).toBe(5);
});

it('what prepare has found of the questions is counted as what was read here', () => {
  const found = (rows: number, longestPromptTokens = 40) => ({
    inputs: { model: null, benchmarks: [] },
    benchmarks: [{ name: 'sums', rows, longestPromptTokens }],
  });
  const of = asksHub({ questions: true });
  const hours = (rows: number) => makeEvaluationPlan(of, 'd', LAPTOP, found(rows)).gpuHours.expected;
  expect(hours(4_000)).toBeGreaterThan(2 * hours(200));
  const beyond = makeEvaluationPlan(of, 'd', LAPTOP, found(10, 250)).verdicts.filter(({ ok }) => !ok);
  expect(beyond).toMatchObject([{ name: 'can-be-evaluated', refuses: true }]);
});
