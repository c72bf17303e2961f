import { ERRORS, KINDS } from '../errors/catalogue.ts';
import { problemDocument } from '../errors/problem-document.ts';
import type { Problem, StintError } from '../errors/stint-error.ts';

/** A refusal as RFC 9457 has it, with every problem as `--json` prints it. */
export interface ProblemReply {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly problems: readonly unknown[];
}

export function problemReply({ kind, code, problems }: StintError): ProblemReply {
  return {
    type: `urn:stint:error:${code}`,
    title: ERRORS[code].when,
    status: KINDS[kind].status,
    detail: problems.map(detailOf).join('; '),
    problems: problems.map(problemDocument),
  };
}

const detailOf = ({ where, what }: Problem): string => (where === undefined ? what : `${where}: ${what}`);
