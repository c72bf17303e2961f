import { expect, test } from 'vitest';
import { EvaluationSchema } from '../../orchestrator/recipe/evaluation-recipe.ts';
import { parseDocument } from '../../orchestrator/recipe/parse-document.ts';

const RECIPE = {
  kind: 'Evaluation',
  name: 'again',
  evaluation: {
    benchmarks: [{ name: 'sums', source: { kind: 'file', path: 'sums.jsonl' } }],
    controls: [{ kind: 'budget', maxThinkingTokens: 4 }],
  },
};

test('who answers may be left open, and how it is asked is then its own', () => {
  const { prompt, model, checkpoint } = EvaluationSchema.parse(RECIPE);
  expect([prompt, model, checkpoint]).toEqual([undefined, undefined, undefined]);
});

test('the untouched model is evaluated by a recipe of its own', () => {
  const asked = { ...RECIPE, evaluation: { ...RECIPE.evaluation, untouched: true } };
  const parsed = parseDocument(EvaluationSchema, asked);
  expect(parsed).toMatchObject({ ok: false, issues: [{ path: ['evaluation', 'untouched'] }] });
});
