import { keepDefect } from '../documents/keep-defect.ts';
import { KINDS } from '../errors/catalogue.ts';
import { problemDocument } from '../errors/problem-document.ts';
import { isStintError, type Problem } from '../errors/stint-error.ts';
import { explainSystemError } from '../errors/system-error.ts';
import { stackOf } from '../logging/stack-of.ts';
import { type Output, printJson } from './output.ts';
import { printProblems } from './print-problems.ts';

export interface Circumstances {
  readonly output: Output;
  /** Where a stack is kept. */
  readonly home: string;
  /** Asked with `--json`. */
  readonly json: boolean;
  readonly version: string;
  readonly argv: readonly string[];
}

/** Says why a command ended, to a person and with `--json` as a document, and gives the exit code. */
export function tellFailure(error: unknown, circumstances: Circumstances): number {
  const { output, json } = circumstances;
  const known = isStintError(error) ? error : explainSystemError(error);
  const problems = known?.problems ?? [defect(error, circumstances)];
  if (json) printJson(output, { problems: problems.map(problemDocument) });
  output.tell(printProblems(problems));
  return known?.exitCode ?? KINDS.defect.exitCode;
}

/** Nobody can cause it and nobody but its authors can fix it. */
function defect(error: unknown, { home, version, argv }: Circumstances): Problem {
  const stack = stackOf(error);
  // By the environment, never by the command line, may a password come: arguments can be kept.
  const text = `stint ${version}, Node ${process.version}, ${process.platform} ${process.arch}\nstint ${argv.join(' ')}\n\n${stack}\n`;
  const file = keepDefect(home, text, new Date());
  const [first = ''] = String(error).split('\n');
  return {
    code: 'defect',
    what: `this is a defect of Stint, not of what you gave it: ${first.slice(0, 200)}`,
    ...(file === null ? { why: stack } : { where: file }),
    todo:
      file === null
        ? 'report it with this text; what was recorded before is kept'
        : 'report it with that file; what was recorded before is kept',
  };
}
