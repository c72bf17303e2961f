import type { Problem } from '../errors/stint-error.ts';
import type { FieldIssue } from './explain-issue.ts';

/** What is wrong with a field, for people. @param where - As they find it: its place in a file, or its path. */
export const issueProblem = ({ aboutKey, what, expected, todo }: FieldIssue, where: string): Problem => ({
  code: aboutKey ? 'unknown-field' : 'wrong-field',
  where,
  what,
  why: `expected ${expected}`,
  todo,
});
