import { isStintError, StintError } from '../errors/stint-error.ts';

/** The error of whoever has tried in vain to do what a run needs: its own words, and how to go on. */
export function givenUp(run: string, error: unknown): unknown {
  if (!isStintError(error)) return error;
  return new StintError(
    error.problems.map((problem) => ({
      ...problem,
      where: run,
      why: `it was tried several times; what ${run} has on its cluster is as it was${problem.where ? ` (${problem.where})` : ''}`,
      todo: `${problem.todo}; then take it over: \`stint runs resume ${run}\`, or \`stint runs cancel ${run}\` to end it`,
    })),
    { cause: error },
  );
}
