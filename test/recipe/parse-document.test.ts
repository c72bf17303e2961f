import { describe, expect, it } from 'vitest';
import { BudgetsSchema } from '../../orchestrator/budget/budgets.ts';
import { withoutPath, withValueAt } from '../../orchestrator/recipe/field-path.ts';
import { parseDocument } from '../../orchestrator/recipe/parse-document.ts';
import { RecipeSchema } from '../../orchestrator/recipe/recipe.ts';
import { DOCUMENT } from './fixtures.ts';

function issuesOf(document: unknown) {
  const parsed = parseDocument(RecipeSchema, document);
  return parsed.ok ? [] : parsed.issues.map(({ what, todo }) => `${what}; ${todo}`);
}

describe('parseDocument', () => {
  it('fills every default, and reads its own output back as the same', () => {
    const once = parseDocument(RecipeSchema, DOCUMENT);
    if (!once.ok) throw new Error('not parsed');
    expect(once.value).toMatchObject({
      training: { seed: 42, compute: 'bf16', schedule: { warmupRatio: 0.05 }, optimizer: { beta2: 0.95 } },
    });
    expect(parseDocument(RecipeSchema, once.value)).toEqual(once);
  });

  it('says what an unknown field was meant as, once', () => {
    const misspelt = withValueAt(withoutPath(DOCUMENT, ['training', 'epochs']), ['training', 'epoch'], 2);
    expect(issuesOf(misspelt)).toEqual(['training has no field "epoch"; did you mean "epochs"?']);
  });

  it('says of a document of another kind only that', () => {
    const budgets = (document: unknown) => {
      const parsed = parseDocument(BudgetsSchema, document);
      return parsed.ok
        ? []
        : parsed.issues.map(({ what, expected, todo }) => `${what}; ${expected}; ${todo}`);
    };
    expect(budgets(DOCUMENT)).toEqual(['kind is "FineTune"; "Budgets"; name a file of that kind instead']);
    expect(budgets({ kind: 'budget', budgets: [{}] })).toEqual([
      'kind is "budget"; "Budgets"; did you mean "Budgets"?',
    ]);
    expect(budgets({ kind: 1 })).toEqual(['kind is 1; "Budgets"; change it to that']);
    expect(budgets({ budgets: 1 })).toHaveLength(2);
    const good = { name: 'red', team: 'red', gpuHours: 1 };
    const asked = (period: unknown) => budgets({ kind: 'Budgets', budgets: [{ ...good, period }] });
    expect(asked('Month')).toEqual([
      'budgets[0].period is "Month"; one of month, total; did you mean "month"?',
    ]);
    expect(asked('week')).toEqual(['budgets[0].period is "week"; one of month, total; choose one of these']);
  });

  it('names the path and the value of a wrong field', () => {
    expect(issuesOf(withValueAt(DOCUMENT, ['training', 'epochs'], 2.5))).toEqual([
      'training.epochs is 2.5; change it to that',
    ]);
  });

  it('takes the steps to profile as the first and the last, in this order, and adds nothing where none are asked for', () => {
    const asked = (steps: unknown) =>
      issuesOf(withValueAt(DOCUMENT, ['training', 'profile', 'steps'], steps));
    expect(asked([20, 22])).toEqual([]);
    expect(asked([22, 20])).toHaveLength(1);
    expect(asked([20])).toHaveLength(1);
    // Else every recipe would have another digest.
    const plain = parseDocument(RecipeSchema, DOCUMENT);
    expect(JSON.stringify(plain)).not.toContain('profile');
  });

  it('adds nothing where no deterministic steps are asked for, and takes only yes or no', () => {
    const asked = (value: unknown) => issuesOf(withValueAt(DOCUMENT, ['training', 'deterministic'], value));
    expect([asked(true), asked(false)]).toEqual([[], []]);
    expect(asked('yes')).toHaveLength(1);
    expect(JSON.stringify(parseDocument(RecipeSchema, DOCUMENT))).not.toContain('deterministic');
  });

  it('follows a union by what the document says of itself', () => {
    expect(issuesOf(withValueAt(DOCUMENT, ['dataset', 'source', 'smaples'], 3))).toEqual([
      'dataset.source has no field "smaples"; did you mean "samples"?',
    ]);
    expect(issuesOf(withValueAt(DOCUMENT, ['dataset', 'source', 'kind'], 'generate'))).toEqual([
      'dataset.source.kind is "generate"; did you mean "generated"?',
    ]);
  });

  it('knows the kinds of recipes', () => {
    expect(issuesOf(withValueAt(DOCUMENT, ['kind'], 'Finetune'))).toEqual([
      'kind is "Finetune"; did you mean "FineTune"?',
    ]);
  });

  it('explains a name that is no field path', () => {
    const arms = [
      { name: 'a', value: 1 },
      { name: 'b', value: 2 },
    ];
    const ablation = {
      kind: 'Ablation',
      name: 'x',
      base: 'b.yaml',
      set: { 'a-b': 1 },
      factor: 'training.epochs',
      arms,
    };
    expect(issuesOf(ablation)).toEqual(['set has the field name "a-b"; change the name to that']);
  });

  it('refuses an arm that bears the name of the model that training began from, and says why', () => {
    const arms = [
      { name: 'untouched', value: 24 },
      { name: 'long', value: 96 },
    ];
    const ablation = { kind: 'Ablation', name: 'x', base: 'x.yaml', factor: 'training.epochs', arms };
    const parsed = parseDocument(RecipeSchema, ablation);
    expect(parsed).toMatchObject({
      ok: false,
      issues: [
        {
          what: 'arms[0].name is "untouched"',
          expected: 'another name: a comparison calls the model that training began from "untouched"',
        },
      ],
    });
  });

  it('explains a mistake inside the inline base of an ablation', () => {
    const base = withValueAt(DOCUMENT, ['training', 'epochs'], -1);
    const arms = [
      { name: 'a', value: 1 },
      { name: 'b', value: 2 },
    ];
    const ablation = { kind: 'Ablation', name: 'x', base, factor: 'training.epochs', arms };
    expect(issuesOf(ablation)).toEqual(['base.training.epochs is -1; change it to that']);
  });
});
