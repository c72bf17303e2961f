import type { ErrorKind } from './catalogue.ts';
import { kindOf, type Problem } from './stint-error.ts';

/** A problem as `--json` prints it. */
export interface ProblemDocument extends Problem {
  readonly kind: ErrorKind;
  /** What `kind` was called when it told less; for programs that match it. */
  readonly blame: 'run' | 'input' | 'refused' | 'stint';
}

const BLAME: Readonly<Record<ErrorKind, ProblemDocument['blame']>> = {
  invalid: 'input',
  'not-found': 'input',
  unauthorised: 'input',
  denied: 'input',
  conflict: 'input',
  refused: 'refused',
  unavailable: 'run',
  failed: 'run',
  defect: 'stint',
};

/** Its fields stand in one order, whoever says it. */
export function problemDocument(problem: Problem): ProblemDocument {
  const kind = kindOf(problem);
  const { code, what, where, why, todo } = problem;
  return {
    code,
    kind,
    blame: BLAME[kind],
    what,
    ...(where !== undefined && { where }),
    ...(why !== undefined && { why }),
    todo,
  };
}
