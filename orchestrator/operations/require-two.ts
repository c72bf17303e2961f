import { StintError } from '../errors/stint-error.ts';

/** What is told between runs is told of different ones. @throws StintError `run-compared-with-itself`. */
export function requireTwo(runs: readonly string[]): void {
  const twice = runs.find((run, index) => runs.indexOf(run) !== index);
  if (twice === undefined) return;
  throw new StintError({
    code: 'run-compared-with-itself',
    where: twice,
    what: `run ${twice} was given twice`,
    todo: 'give the ids of different runs; `stint runs ls` lists them',
  });
}
