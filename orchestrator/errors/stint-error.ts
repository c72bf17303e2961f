import { ERRORS, type ErrorCode, type ErrorKind, KINDS } from './catalogue.ts';

export interface Problem {
  readonly code: ErrorCode;
  /** What happened, one sentence. */
  readonly what: string;
  /** Where: `file:line:column`, a field path such as `training.sequenceLength`, a run or a path. */
  readonly where?: string;
  /** What was expected, or why it matters. */
  readonly why?: string;
  /** What the reader can do now. */
  readonly todo: string;
}

export const kindOf = ({ code }: Pick<Problem, 'code'>): ErrorKind => ERRORS[code].kind;

const brand = Symbol.for('stint.error');

/** An expected failure that carries all a person needs: what happened, where, why, and what to do. */
export class StintError extends Error {
  readonly problems: readonly [Problem, ...Problem[]];
  readonly [brand] = true;

  /** @param problems - At least one; the first decides what kind of failure it is. */
  constructor(problems: Problem | readonly Problem[], options?: ErrorOptions) {
    const [first, ...more] = 'code' in problems ? [problems] : problems;
    if (first === undefined) throw new TypeError('an error without a problem');
    super([first, ...more].map((problem) => problem.what).join('; '), options);
    this.name = 'StintError';
    this.problems = [first, ...more];
  }

  get code(): ErrorCode {
    return this.problems[0].code;
  }

  get kind(): ErrorKind {
    return kindOf(this.problems[0]);
  }

  get exitCode(): number {
    return KINDS[this.kind].exitCode;
  }
}

/** True across realms and duplicate copies of this module. */
export function isStintError(error: unknown): error is StintError {
  return typeof error === 'object' && error !== null && (error as { [brand]?: boolean })[brand] === true;
}
