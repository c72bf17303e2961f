import { expect, test } from 'vitest';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import type { EvaluationResult } from '../../orchestrator/wire/evaluation-result.ts';
import { armInput } from './fixture.ts';

type Dtype = EvaluationResult['dtype'];

function told(short: Dtype, long: Dtype): readonly string[] {
  const arm = (name: 'short' | 'long', dtype: Dtype) => {
    const { evaluation } = armInput(name);
    if (evaluation === null) throw new Error('the fixture is evaluated');
    const { dtype: _, ...rest } = evaluation;
    return armInput(name, { evaluation: dtype === undefined ? rest : { ...rest, dtype } });
  };
  const { findings } = compareArms([arm('short', short), arm('long', long)]);
  return findings.map(({ text }) => text).filter((text) => text.includes('different types'));
}

test('says which arm was decoded in which type where they differ', () => {
  expect(told('fp32', 'bf16')).toEqual([
    'answers were decoded in different types (short in fp32; long in bf16): a part of the differences is rounding',
  ]);
});

test('says nothing where they agree, or where results of old do not say', () => {
  expect(told('bf16', 'bf16')).toEqual([]);
  expect(told('bf16', undefined)).toEqual([]);
});
