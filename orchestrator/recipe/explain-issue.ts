import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { expectation } from './expectation.ts';
import { type FieldPath, formatPath, valueAt } from './field-path.ts';
import { knownKeys } from './known-keys.ts';

/** One thing that is wrong with a document, in words. */
export interface FieldIssue {
  readonly path: FieldPath;
  /** What is there, as a sentence. */
  readonly what: string;
  /** What should be there. */
  readonly expected: string;
  readonly todo: string;
  /** True when the name of the field is wrong, not its value. */
  readonly aboutKey: boolean;
  /** The field is absent. */
  readonly isMissing?: boolean;
  /** For a misspelt field: the path that was probably meant, whose absence then needs no line of its own. */
  readonly meant?: string;
}

type Issue = z.core.$ZodIssue;

/** Turns zod's issues over a document into what a person needs to fix it. */
export function explainIssues(schema: z.ZodType, document: unknown, issues: readonly Issue[]): FieldIssue[] {
  const explained = ofTheirType(issues).flatMap((issue) => explain(schema, document, issue, []));
  // A document of another kind has the fields of that one and lacks those of this: only the kind is worth a word.
  const kind = explained.find(({ path, isMissing }) => isKind(path) && !isMissing);
  if (kind) return [kind];
  const meant = explained.map((issue) => issue.meant).filter((name) => name !== undefined);
  return explained.filter((issue) => !(issue.isMissing && meant.includes(formatPath(issue.path))));
}

function explain(schema: z.ZodType, document: unknown, issue: Issue, prefix: FieldPath): FieldIssue[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey(key, path, knownKeys(schema, document, path)));
  if (issue.code === 'invalid_union') {
    const branch = nearestBranch(issue.errors);
    if (branch) return ofTheirType(branch).flatMap((inner) => explain(schema, document, inner, path));
    return [unknownKind(document, path, issue)];
  }
  if (issue.code === 'invalid_key') return [invalidKey(path, issue)];
  const at = writtenAt(document, path);
  const value = valueAt(document, at);
  if (value === undefined) return [missing(path, issue)];
  return [
    {
      path: at,
      what: `${nameOf(at)} is ${describe(value)}`,
      expected: expectation(issue),
      todo: choice(at, value, issue) ?? 'change it to that',
      aboutKey: false,
    },
  ];
}

/** Of a text where a list belongs the library says its length, too, as if it were one. */
function ofTheirType(issues: readonly Issue[]): readonly Issue[] {
  const place = ({ path }: Issue) => JSON.stringify(path);
  const others = new Set(issues.filter(({ code }) => code === 'invalid_type').map(place));
  return issues.filter((issue) => issue.code === 'invalid_type' || !others.has(place(issue)));
}

/** Of a whole document. */
const isKind = (path: FieldPath): boolean => formatPath(path) === 'kind';

/** What to do about a value that is none of several, or of a document that is of another kind. */
function choice(at: FieldPath, value: unknown, issue: Issue): string | undefined {
  if (issue.code !== 'invalid_value') return undefined;
  const isOther = isKind(at) && typeof value === 'string';
  if (issue.values.length < 2 && !isOther) return undefined;
  const guess = typeof value === 'string' ? didYouMean(value, issue.values.map(String)) : undefined;
  if (guess !== undefined) return `did you mean "${guess}"?`;
  return isOther ? 'name a file of that kind instead' : 'choose one of these';
}

/** Where a schema has made a list of one value, its only item is not in the document: the value itself is. */
function writtenAt(document: unknown, path: FieldPath): FieldPath {
  const parent = valueAt(document, path.slice(0, -1));
  const isOne = typeof parent !== 'object' && parent !== undefined;
  return path.at(-1) === 0 && isOne ? path.slice(0, -1) : path;
}

function unknownKey(key: string, path: FieldPath, known: readonly string[]): FieldIssue {
  const guess = didYouMean(key, known);
  return {
    path: [...path, key],
    what: `${nameOf(path)} has no field ${describe(key)}`,
    expected: `one of ${known.join(', ')}`,
    todo: guess ? `did you mean "${guess}"?` : 'remove it, or use one of the known fields',
    aboutKey: true,
    ...(guess ? { meant: formatPath([...path, guess]) } : {}),
  };
}

function invalidKey(path: FieldPath, issue: Issue & { code: 'invalid_key' }): FieldIssue {
  const inner = issue.issues[0];
  return {
    path,
    what: `${nameOf(path.slice(0, -1))} has the field name ${describe(path.at(-1))}`,
    expected: inner ? expectation(inner) : issue.message,
    todo: 'change the name to that',
    aboutKey: true,
  };
}

function unknownKind(document: unknown, path: FieldPath, issue: Issue): FieldIssue {
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
  const key = 'discriminator' in issue && typeof issue.discriminator === 'string' ? issue.discriminator : '';
  const at = path.at(-1) === key ? path : [...path, ...(key ? [key] : [])];
  const value = valueAt(document, at);
  const guess = typeof value === 'string' ? didYouMean(value, options) : undefined;
  return {
    path: at,
    what: `${nameOf(at)} is ${value === undefined ? 'missing' : describe(value)}`,
    expected: options.length > 0 ? `one of ${options.join(', ')}` : issue.message,
    todo: guess ? `did you mean "${guess}"?` : 'choose one of these',
    aboutKey: false,
  };
}

function missing(path: FieldPath, issue: Issue): FieldIssue {
  return {
    path,
    what: `${nameOf(path)} is missing`,
    expected: expectation(issue),
    todo: `add the field "${String(path.at(-1) ?? '')}"`,
    aboutKey: false,
    isMissing: true,
  };
}

/** Of a union's failed branches, the one that got furthest: its first issue lies deepest, or it has the fewest. */
function nearestBranch(errors: readonly (readonly Issue[])[] | undefined): readonly Issue[] | undefined {
  const shape = (branch: readonly Issue[]) => Math.max(0, ...branch.map((issue) => issue.path.length));
  return errors
    ?.filter((branch) => branch.length > 0)
    .toSorted((a, b) => shape(b) - shape(a) || a.length - b.length)[0];
}

/** Of a document that is as a whole not what it should be, there is no field to name. */
const nameOf = (path: FieldPath): string => formatPath(path) || 'the document';

function describe(value: unknown): string {
  // JSON has no infinity and no NaN, and YAML has.
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
