import type { z } from 'zod';
import { formatInteger } from '../units/format.ts';

type Issue = z.core.$ZodIssue;

const WORDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'a map of fields',
  record: 'a map of fields',
  array: 'a list',
  nonoptional: 'a value',
};
const FORMS: Readonly<Record<string, string>> = {
  date: 'a day of the calendar such as 2026-11-01',
  url: 'an address such as http://inference.example/v1',
};

/** What should stand where an issue is, in words of ours: the library's own are for programmers. */
export function expectation(issue: Issue): string {
  if (issue.code === 'invalid_value')
    return issue.values.length > 1
      ? `one of ${issue.values.map(String).join(', ')}`
      : JSON.stringify(issue.values[0]);
  if (issue.message.startsWith(OWN)) return issue.message.slice(OWN.length);
  if (issue.code === 'invalid_type') return WORDS[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_format') return FORMS[issue.format] ?? `text in the form of ${issue.format}`;
  if (issue.code === 'too_small' || issue.code === 'too_big') return bounded(issue);
  return issue.message;
}

/** Every schema that says what it expects begins so. */
const OWN = 'expected ';

type OutOfBounds = Extract<Issue, { code: 'too_small' | 'too_big' }>;

/** `a number above 0`, `a whole number of at most 1,024`, `a list of at least 2`. */
function bounded(issue: OutOfBounds): string {
  const isLeast = issue.code === 'too_small';
  const bound = Number(isLeast ? issue.minimum : issue.maximum);
  const number = Number.isInteger(bound) ? formatInteger(bound) : String(bound);
  if (issue.exact) return `${WORDS[issue.origin]} of ${number}`;
  if (issue.origin === 'string' && isLeast && bound === 1) return 'text that is not empty';
  const amount = issue.inclusive
    ? `of at ${isLeast ? 'least' : 'most'} ${number}`
    : `${isLeast ? 'above' : 'below'} ${number}`;
  const kind = WORDS[issue.origin] ?? issue.origin;
  return issue.origin === 'string' ? `${kind} ${amount} characters` : `${kind} ${amount}`;
}
