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
  return problems.map(printProblem).join('\n');
}

function printProblem({ what, where, why, todo }: Problem): string {
  const rows = [
    `error: ${what}`,
    ...(where ? [`  where: ${where}`] : []),
    ...(why ? [`  why:   ${why}`] : []),
    `  to do: ${todo}`,
  ];
  return rows.join('\n');
}
