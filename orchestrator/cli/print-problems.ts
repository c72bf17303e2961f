import type { Problem } from '../errors/stint-error.ts';

/**
 * Problems as a person reads them:
 *
 *     error: training has no field "sequenceLenght"
 *       where: recipes/s1-32b.yaml:12:3
 *       why:   expected one of sequenceLength, epochs
 *       to do: did you mean "sequenceLength"?
 */
export function printProblems(problems: readonly Problem[]): string {
  const shown = problems.slice(0, MOST).map(printProblem);
  const left = problems.length - shown.length;
  return [...shown, ...(left > 0 ? [`and ${left} more of these`] : [])].join('\n');
}

/** Who has fixed these reads the next ones; `--json` has all. */
const MOST = 20;

function printProblem({ what, where, why, todo }: Problem): string {
  const rows = [
    `error: ${what}`,
    ...(where ? [`  where: ${where}`] : []),
    ...(why ? [`  why:   ${why}`] : []),
    `  to do: ${todo}`,
  ];
  return rows.map(belowItsName).join('\n');
}

/** A text of several lines stays one thing: none of its lines can pass for a line of ours. */
const belowItsName = (row: string): string => row.replaceAll('\n', '\n         ');
