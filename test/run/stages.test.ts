import { expect, it } from 'vitest';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import { DEFAULT_PROMPT } from '../../orchestrator/recipe/evaluation-recipe.ts';
import { asFineTune, type RunRecipe } from '../../orchestrator/recipe/run-recipe.ts';
import { currentPlan } from '../../orchestrator/run/current-plan.ts';
import type { RunEvent } from '../../orchestrator/run/event.ts';
import { stagesOf, stepsAtRisk, takesDevices } from '../../orchestrator/run/stages.ts';
import { StageSchema } from '../../orchestrator/wire/job-spec.ts';
import { holdsDevices } from '../../orchestrator/wire/stage-traits.ts';
import { recipe } from '../plan/fixtures.ts';

it('a run evaluates where its recipe asks for that, and holds devices to train and to evaluate only', () => {
  const { evaluation, ...trained } = recipe('s1-32b');
  expect(stagesOf(trained)).toEqual(['prepare', 'train', 'export']);
  expect(stagesOf({ ...trained, evaluation })).toEqual(['prepare', 'train', 'export', 'evaluate']);
  expect(StageSchema.options.filter(holdsDevices)).toEqual(['train', 'evaluate']);
});

it('whoever asks a server elsewhere takes no device for it, and for all else as many as ever', () => {
  const { evaluation, ...trained } = recipe('s1-32b');
  if (evaluation === undefined) throw new Error('s1-32b is evaluated');
  const engine = { kind: 'endpoint', url: 'http://inference.example/v1' } as const;
  const taking = (of: RunRecipe) =>
    StageSchema.options.filter((stage) => takesDevices({ stage, recipe: of }));
  expect(taking({ ...trained, evaluation: { ...evaluation, engine } })).toEqual(['train']);
  const { engine: _, ...plain } = evaluation;
  expect(taking({ ...trained, evaluation: plain })).toEqual(['train', 'evaluate']);
  expect(taking(trained)).toEqual(['train', 'evaluate']);
  for (const kind of ['trainer', 'vllm'] as const)
    expect(taking({ ...trained, evaluation: { ...evaluation, engine: { kind } } })).toEqual([
      'train',
      'evaluate',
    ]);
});

it('a run that only evaluates has no step that it could lose, and a stage before where a hub is asked for something', () => {
  const { model, training, ...trained } = recipe('s1-32b');
  const { kind, evaluation } = { ...trained, kind: 'Evaluation' as const };
  if (evaluation === undefined || model.kind !== 'pretrained') throw new Error('s1-32b has both');
  const evaluated = { kind, name: 'again', model, prompt: DEFAULT_PROMPT, evaluation };
  const { revision: _, ...folder } = model;
  const [asked] = evaluation.benchmarks;
  if (asked === undefined) throw new Error('s1-32b is asked something');
  const local = { ...asked, source: { kind: 'file', path: 'held.jsonl' } as const };
  const stages = (of: typeof model, ...benchmarks: (typeof asked)[]) =>
    stagesOf({ ...evaluated, model: of, evaluation: { ...evaluation, benchmarks } });
  expect(stages(folder, local)).toEqual(['evaluate']);
  expect(stages(model, local)).toEqual(['prepare', 'evaluate']);
  expect(stages(folder, local, asked)).toEqual(['prepare', 'evaluate']);
  expect(stepsAtRisk(evaluated)).toBe(0);
  const saving = { ...training, checkpoint: { everySteps: 25, keep: 2 } };
  expect(stepsAtRisk({ ...trained, model, training: saving })).toBe(25);
  expect(() => asFineTune(evaluated)).toThrow('trains nothing');
});

it('the plan in force is the one that was judged last', () => {
  const [launched, second, third] = [1, 2, 3].map((steps) => ({ steps }) as Plan);
  const reviewed = (plan: Plan | undefined): RunEvent => ({ type: 'plan-reviewed', plan: plan as Plan });
  const events: readonly RunEvent[] = [reviewed(second), { type: 'succeeded' }, reviewed(third)];
  const recorded = events.map((event, at) => ({ seq: at + 1, at, event }));
  expect(currentPlan(launched as Plan, [])).toBe(launched);
  expect(currentPlan(launched as Plan, recorded.slice(0, 2))).toBe(second);
  expect(currentPlan(launched as Plan, recorded)).toBe(third);
});
