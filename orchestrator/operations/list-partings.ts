import type { Answer, Question } from '../contract/routes.ts';
import { requireHere } from '../controller/elsewhere.ts';
import { readAnswers } from '../documents/read-answers.ts';
import { StintError } from '../errors/stint-error.ts';
import { partings } from '../evaluation/parting.ts';
import type { Desk } from './desk.ts';
import { findRuns } from './find-runs.ts';

/**
 * Where two runs went apart, answer by answer.
 *
 * @throws StintError `no-such-run`; `wrong-option` for other than two; `answers-unreadable` where nothing can be compared.
 */
export async function listPartings(
  { workplace, caller }: Desk,
  { runs }: Question<'listPartings'>,
): Promise<Answer<'listPartings'>> {
  const records = await findRuns(workplace.store, runs, caller);
  const [first, second, ...others] = records;
  if (first === undefined || second === undefined || others.length > 0) throw notTwo(records.length);
  for (const record of records) requireHere(workplace, record, 'read its answers');
  const [a, b] = await Promise.all([first, second].map((each) => readAnswers(workplace.workFolder(each))));
  const all = partings(a ?? [], b ?? []);
  if (all.length === 0) throw noTokens();
  const parted = all.flatMap(({ token, tokens: [one, other], ...of }) =>
    token === null ? [] : [{ ...of, token, tokens: [one, other] as [number | null, number | null] }],
  );
  return { runs: [first.id, second.id], answers: all.length, partings: parted };
}

const notTwo = (count: number): StintError =>
  new StintError({
    code: 'wrong-option',
    where: '--tokens',
    what: `${count} ${count === 1 ? 'run is' : 'runs are'} named`,
    why: 'tokens are compared between two runs',
    todo: 'name two',
  });

const noTokens = (): StintError =>
  new StintError({
    code: 'answers-unreadable',
    where: '--tokens',
    what: 'the two runs have no answer to one question under one control of which both have kept the tokens',
    why: 'evaluations keep tokens since this version of Stint',
    todo: 'name two runs over the same questions and controls; evaluate an older one again with `stint eval`',
  });
