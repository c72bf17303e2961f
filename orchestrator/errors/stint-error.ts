/** Who or what must act next; the process's exit code follows from it. */
export type Blame = 'run' | 'input' | 'refused' | 'stint';

/**
 * Exit codes of every `stint` command: 0 done, 1 the run failed, 2 bad input, 3 refused or stopped by plan or budget, 70 a
 * defect of Stint (EX_SOFTWARE of sysexits.h).
 */
export const EXIT_CODE: Readonly<Record<Blame, number>> = { run: 1, input: 2, refused: 3, stint: 70 };

export interface Problem {
  /** Permanent kebab-case name, safe to match in scripts. */
  readonly code: string;
  readonly blame: Blame;
  /** What happened, one sentence. */
  readonly what: string;
  /** Where: `file:line:column`, a field path such as `training.sequenceLength`, a run or a path. */
  readonly where?: string;
  /** What was expected, or why it matters. */
  readonly why?: string;
  /** What the reader can do now. */
  readonly todo: string;
}

const brand = Symbol.for('stint.error');

/** An expected failure that carries all a person needs: what happened, where, why, and what to do. */
export class StintError extends Error {
  readonly problems: readonly Problem[];
  readonly [brand] = true;

  constructor(problems: Problem | readonly Problem[], options?: ErrorOptions) {
    const list = 'code' in problems ? [problems] : problems;
    super(list.map((problem) => problem.what).join('; '), options);
    this.name = 'StintError';
    this.problems = list;
  }

  get exitCode(): number {
    const blame = this.problems[0]?.blame ?? 'run';
    return EXIT_CODE[blame];
  }
}

/** True across realms and duplicate copies of this module. */
export function isStintError(error: unknown): error is StintError {
  return typeof error === 'object' && error !== null && (error as { [brand]?: boolean })[brand] === true;
}
