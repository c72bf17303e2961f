import { StintError } from '../errors/stint-error.ts';

/** What is told between runs is told of different ones. @throws StintError `run-compared-with-itself`. */
export function requireDistinct(runs: readonly string[]): void {
  const twice = runs.find((run, index) => runs.indexOf(run) !== index);
  if (twice === undefined) return;
  throw new StintError({
    code: 'run-compared-with-itself',
    what: `Run ${twice} was given twice.`,
    todo: EACH_ONCE,
  });
}

export const EACH_ONCE = 'Give the ids of the runs to compare, each once; `stint runs ls` lists them.';
