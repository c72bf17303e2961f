import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ablation, AblationSchema } from '../../orchestrator/recipe/ablation.ts';
import { canonicalJson } from '../../orchestrator/recipe/canonical.ts';
import { expandAblation, proveOneFactor } from '../../orchestrator/recipe/expand-ablation.ts';
import { withoutPath, withValueAt } from '../../orchestrator/recipe/field-path.ts';
import { DOCUMENT, fineTune } from './fixtures.ts';

const ablation = (fields: Partial<Ablation> = {}): Ablation =>
  AblationSchema.parse({
    kind: 'Ablation',
    name: 'lengths',
    base: DOCUMENT,
    factor: 'training.sequenceLength',
    arms: [
      { name: 'short', value: 24 },
      { name: 'long', value: 96 },
    ],
    ...fields,
  });

const refusal = (fields: Partial<Ablation>) => {
  try {
    expandAblation(ablation(fields), fineTune());
  } catch (error) {
    return String(error);
  }
  return 'accepted';
};

describe('expandAblation', () => {
  it('gives each arm its value and all of them the common fields', () => {
    const arms = expandAblation(ablation({ set: { 'dataset.overLength': 'truncate' } }), fineTune());
    expect(arms.map((arm) => arm.recipe.training.sequenceLength)).toEqual([24, 96]);
    expect(arms.map((arm) => arm.recipe.dataset.overLength)).toEqual(['truncate', 'truncate']);
  });

  it('makes arms that are equal without the factor, whatever the values', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 8, max: 9999 }), { minLength: 2, maxLength: 5 }),
        (values) => {
          const named = values.map((value) => ({ name: `arm-${value}`, value }));
          const arms = expandAblation(ablation({ arms: named }), fineTune());
          const rest = arms.map((arm) =>
            canonicalJson(withoutPath(arm.recipe, ['training', 'sequenceLength'])),
          );
          expect(new Set(rest).size).toBe(1);
        },
      ),
    );
  });

  it.each([
    ['a factor that names no field', { factor: 'training.sequenceLenght' }, 'names no field'],
    ['a set path that names no field', { set: { 'dataset.overlength': 'drop' } }, 'names no field'],
    [
      'a set path that touches the factor',
      { set: { 'training.sequenceLength': 3 } },
      'sets the factor itself',
    ],
    [
      'a value that does not fit',
      {
        arms: [
          { name: 'a', value: 'x' },
          { name: 'b', value: 9 },
        ],
      },
      'arm "a"',
    ],
    [
      'two arms of one value',
      {
        arms: [
          { name: 'a', value: 9 },
          { name: 'b', value: 9 },
        ],
      },
      'two arms have the value',
    ],
    [
      'two arms of one name',
      {
        arms: [
          { name: 'a', value: 8 },
          { name: 'a', value: 9 },
        ],
      },
      'two arms have the name',
    ],
  ])('refuses %s', (_, fields, words) => {
    expect(refusal(fields)).toContain(words);
  });
});

describe('proveOneFactor', () => {
  it('finds a second difference', () => {
    const [a, b] = expandAblation(ablation(), fineTune());
    if (!a || !b) throw new Error('two arms expected');
    const other = { ...b, recipe: withValueAt(b.recipe, ['training', 'seed'], 7) as typeof b.recipe };
    expect(() => proveOneFactor([a, other], 'training.sequenceLength')).toThrow('differ in more than');
  });
});
