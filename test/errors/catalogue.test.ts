import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorPage } from '../../ops/error-page.ts';
import { ERRORS } from '../../orchestrator/errors/catalogue.ts';
import { problemDocument } from '../../orchestrator/errors/problem-document.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';

const CODES = Object.keys(ERRORS) as (keyof typeof ERRORS)[];
/** Said of them: nothing any more. */
const RETIRED: readonly string[] = ['weights-not-shared'];

const kept = readFileSync(new URL('permanent-codes.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const PLACES = ['orchestrator', 'cluster', ':!orchestrator/errors/catalogue.ts'];
const sources = execFileSync('git', ['grep', '-hoE', "'[a-z]+(-[a-z]+)*'", '--', ...PLACES], {
  encoding: 'utf8',
});
const said = new Set(sources.split('\n'));

describe('the catalogue of errors', () => {
  it('has every name that it ever had', () => {
    expect(CODES).toEqual(expect.arrayContaining(kept));
  });

  it('has no name that is not kept as permanent (fix: add it to permanent-codes.txt)', () => {
    expect(kept).toEqual(expect.arrayContaining(CODES));
  });

  it.each(CODES)('%s is said somewhere', (code) => {
    expect(said.has(`'${code}'`)).not.toBe(RETIRED.includes(code));
  });

  it('is the page of errors (fix: npm run schemas)', () => {
    expect(readFileSync('docs/errors.md', 'utf8')).toBe(errorPage());
  });
});

describe('a problem as a document', () => {
  it('says what kind it is, and in the old word as well', () => {
    const problem = { code: 'run-is-held', what: 'another has it', todo: 'wait' } as const;
    expect(problemDocument(problem)).toEqual({ ...problem, kind: 'conflict', blame: 'input' });
  });
});

it('has its fields in one order, whoever says it', () => {
  const problem = { todo: 'wait', where: 'r-1', code: 'run-is-held', what: 'another has it' } as const;
  expect(Object.keys(problemDocument(problem))).toEqual(['code', 'kind', 'blame', 'what', 'where', 'todo']);
});

describe('an error', () => {
  it('is of the kind of its first problem', () => {
    const problems = (['over-budget', 'store-busy'] as const).map((code) => ({
      code,
      what: 'no',
      todo: 'wait',
    }));
    expect(new StintError(problems)).toMatchObject({ code: 'over-budget', kind: 'refused', exitCode: 3 });
  });

  it('has a problem', () => {
    expect(() => new StintError([])).toThrow(TypeError);
  });
});
