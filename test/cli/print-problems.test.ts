import { expect, it } from 'vitest';
import { printProblems } from '../../orchestrator/cli/print-problems.ts';
import { isStintError, StintError } from '../../orchestrator/errors/stint-error.ts';

const problem = {
  code: 'wrong-field',
  what: 'it broke',
  where: 'a.yaml:1:2',
  why: 'because',
  todo: 'fix it',
} as const;

it('says what happened, where, why and what to do', () => {
  expect(printProblems([problem, { code: 'cluster-unreachable', what: 'again', todo: 'wait' }])).toBe(
    'error: it broke\n  where: a.yaml:1:2\n  why:   because\n  to do: fix it\nerror: again\n  to do: wait',
  );
});

it('gives the exit code by who must act', () => {
  const codes = (['cluster-unreachable', 'wrong-field', 'over-budget', 'defect'] as const).map(
    (code) => new StintError({ ...problem, code }).exitCode,
  );
  expect(codes).toEqual([1, 2, 3, 70]);
  expect(isStintError(new StintError(problem))).toBe(true);
  expect(isStintError(new Error('x'))).toBe(false);
});

it('says twenty of many, and how many more there are', () => {
  const many = Array.from({ length: 1000 }, (_, index) => ({
    code: 'wrong-field' as const,
    what: `no ${index}`,
    todo: 'fix it',
  }));
  const text = printProblems(many);
  expect(text.match(/^error: /gm)).toHaveLength(20);
  expect(text.endsWith('and 980 more of these')).toBe(true);
});

it('lets no line of a text pass for one of its own', () => {
  const text = printProblems([{ code: 'wrong-field', what: 'a\nerror: b', todo: 'c\nok' }]);
  expect(text.match(/^error: /gm)).toHaveLength(1);
});
