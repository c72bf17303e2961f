import { describe, expect, it } from 'vitest';
import { makeEvaluationPlan } from '../../orchestrator/plan/make-evaluation-plan.ts';
import { type Plan, PlanSchema } from '../../orchestrator/plan/plan.ts';
import type { EvaluationSettings } from '../../orchestrator/recipe/evaluation.ts';
import { DEFAULT_PROMPT, SettledEvaluationSchema } from '../../orchestrator/recipe/evaluation-recipe.ts';
import { arms, DIGEST, plan, profile, recipe, TINY, withTraining } from './fixtures.ts';

const ENGINES: readonly EvaluationSettings['engine'][] = [
  undefined,
  { kind: 'vllm' },
  { kind: 'endpoint', url: 'http://inference.example/v1', model: 'm' },
];
const CLUSTERS = ['laptop', 'h100-16'] as const;

const evaluated = (engine: EvaluationSettings['engine'], on: string): Plan =>
  makeEvaluationPlan(
    SettledEvaluationSchema.parse({
      kind: 'Evaluation',
      name: 'again',
      model: {
        kind: 'pretrained',
        repository: 'm',
        architecture: { ...TINY, vocabularySize: 460, keyValueHeads: 2 },
      },
      prompt: DEFAULT_PROMPT,
      evaluation: {
        benchmarks: [{ name: 'sums', source: { kind: 'file', path: 'sums.jsonl' }, questions: 30 }],
        controls: [{ kind: 'budget', maxThinkingTokens: 64 }],
        maxAnswerTokens: 8,
        judge: { url: 'http://judge.example/v1' },
        ...(engine !== undefined && { engine }),
      },
    }),
    DIGEST,
    profile(on),
  );

const plans: readonly (readonly [string, () => Plan])[] = [
  ...CLUSTERS.flatMap((on) =>
    ENGINES.map(
      (engine) =>
        [
          `an evaluation through ${engine?.kind ?? 'the trainer'} on ${on}`,
          () => evaluated(engine, on),
        ] as const,
    ),
  ),
  ...(['none', 'gate', 'selective', 'full'] as const).map(
    (recompute) =>
      [
        `s1 that recomputes ${recompute}`,
        () => plan(withTraining(recipe('s1-32b'), { recompute }), 'h100-16'),
      ] as const,
  ),
  ['what is known of no data', () => plan(unknown(), 'h100-16')],
  ...arms('quickstart').map((arm) => [`the quickstart’s ${arm.name}`, () => plan(arm, 'laptop')] as const),
];

function unknown() {
  const s1 = recipe('s1-32b');
  const { lengths: _, ...dataset } = s1.dataset;
  return { ...s1, dataset };
}

/** Every text in a value, with where it stands. */
function textsIn(value: unknown, place = ''): (readonly [string, string])[] {
  if (typeof value === 'string') return [[place, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => textsIn(each, `${place}.${key}`));
}

describe('a plan', () => {
  it.each(plans)('says something wherever it says anything, and is what programs read: %s', (_, make) => {
    const made = make();
    expect(PlanSchema.parse(structuredClone(made))).toEqual(made);
    const blank = textsIn(made).filter(([, text]) => !/\w/.test(text) || /  |, (?:$|,)|^\s|\s$/.test(text));
    expect(blank).toEqual([]);
  });

  it('names what each device holds, once, and by which formula', () => {
    for (const [, make] of plans) {
      const names = make().memory.parts.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('says in which limits of tokens its steps recompute what', () => {
    expect(plan('s1-32b', 'h100-16').recomputeLimits?.at(-1)).toEqual({ mode: 'full', upToTokens: null });
  });
});
