import { expect, it } from 'vitest';
import { LabelSelectorSchema, selects } from '../../orchestrator/doctor/label-selector.ts';

const expression = (operator: string, values: readonly string[] = []) =>
  LabelSelectorSchema.parse({ matchExpressions: [{ key: 'team', operator, values }] });

it('takes everything when it is empty, and nothing when it is not there', () => {
  expect(selects(LabelSelectorSchema.parse({}), {})).toBe(true);
  expect(selects(null, { team: 'a' })).toBe(false);
  expect(selects(undefined, {})).toBe(false);
});

it('wants every label', () => {
  const both = LabelSelectorSchema.parse({ matchLabels: { team: 'a', tier: '1' } });
  expect(selects(both, { team: 'a', tier: '1', more: 'x' })).toBe(true);
  expect(selects(both, { team: 'a' })).toBe(false);
});

it.each([
  ['In', ['a', 'b'], { team: 'b' }, true],
  ['In', ['a'], {}, false],
  ['NotIn', ['a'], { team: 'b' }, true],
  ['NotIn', ['a'], {}, true],
  ['NotIn', ['a'], { team: 'a' }, false],
  ['Exists', [], { team: '' }, true],
  ['Exists', [], {}, false],
  ['DoesNotExist', [], {}, true],
  ['DoesNotExist', [], { team: 'a' }, false],
] as const)('%s %j on %j: %s', (operator, values, labels, selected) => {
  expect(selects(expression(operator, values), labels)).toBe(selected);
});
