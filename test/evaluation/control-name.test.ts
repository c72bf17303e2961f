import { expect, test } from 'vitest';
import {
  type ControlName,
  controlKey,
  controlLabel,
  controlName,
  isSameControl,
} from '../../orchestrator/evaluation/control-name.ts';

const wait = { control: 'wait', budget: 32, times: 2 } as const;
const NAMES: readonly ControlName[] = [
  { control: 'budget', budget: 32, times: 0 },
  wait,
  { ...wait, text: 'Hmm' },
  { ...wait, accounting: 'restart' },
  { ...wait, text: 'Hmm', accounting: 'restart' },
  { ...wait, times: 1 },
  { control: 'token', budget: 32, times: 0, asked: 8 },
];

test('two controls are one where all that tells them apart is equal', () => {
  for (const [index, name] of NAMES.entries())
    for (const [other, against] of NAMES.entries()) {
      expect(isSameControl(name, { ...against })).toBe(index === other);
      expect(controlKey(name) === controlKey(against)).toBe(index === other);
      expect(controlLabel(name) === controlLabel(against)).toBe(index === other);
    }
});

test('a text that would break a sentence is quoted', () => {
  const texts = ['But wait', 'Hmm \n\n{x}', ' Wait', '\u001b[31mWait'];
  expect(texts.map((text) => controlLabel({ ...wait, text }))).toEqual([
    'budget 32 with 2 × But wait',
    'budget 32 with 2 × "Hmm \\n\\n{x}"',
    'budget 32 with 2 × " Wait"',
    String.raw`budget 32 with 2 × "\u001b[31mWait"`,
  ]);
});

test('a name is taken of what has more, and reads as what was done', () => {
  const row = { ...wait, accounting: 'restart', accuracy: 0.5, meanThinkingTokens: 7 } as const;
  expect(controlName(row)).toEqual({ ...wait, accounting: 'restart' });
  expect(NAMES.slice(0, 5).map(controlLabel)).toEqual([
    'budget 32',
    'budget 32 with 2 × Wait',
    'budget 32 with 2 × Hmm',
    'budget 32 a round with 2 × Wait',
    'budget 32 a round with 2 × Hmm',
  ]);
});
