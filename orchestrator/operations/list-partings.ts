import { requireDistinct } from '../comparison/require-distinct.ts';
import type { Answer, Question } from '../contract/routes.ts';
import { requireHere } from '../controller/elsewhere.ts';
import { readAnswers } from '../documents/read-answers.ts';
import { StintError } from '../errors/stint-error.ts';
import { haveOtherTokenizers, partings } from '../evaluation/parting.ts';
import type { Store } from '../ports/store.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { AnswerRow } from '../wire/answer-row.ts';
import type { Desk } from './desk.ts';
import { findRuns } from './find-runs.ts';

/**
 * Where two runs went apart, answer by answer.
 *
 * @throws StintError `no-such-run`; `wrong-option` for other than two, and for two of different tokenizers;
 * `run-compared-with-itself`; `not-evaluated`; `answers-unreadable` where nothing can be compared.
 */
export async function listPartings(
  { workplace, caller }: Desk,
  { runs }: Question<'listPartings'>,
): Promise<Answer<'listPartings'>> {
  const records = await findRuns(workplace.store, runs, caller);
  const [first, second, ...others] = records;
  if (first === undefined || second === undefined || others.length > 0) throw notTwo(records.length);
  requireDistinct([first.id, second.id]);
  for (const record of records) requireHere(workplace, record, 'read its answers');
  const [a = [], b = []] = await Promise.all(
    [first, second].map((each) => readAnswers(each.id, workplace.workFolder(each))),
  );
  if (haveOtherTokenizers(a, b)) throw otherTokenizers(first.id, second.id);
  const all = partings(a, b);
  if (all.length === 0) throw [a, b].every(hasTokens) ? nothingInCommon() : noTokens();
  const parted = all.flatMap(({ token, tokens: [one, other], ...of }) =>
    token === null ? [] : [{ ...of, token, tokens: [one, other] as [number | null, number | null] }],
  );
  return {
    runs: [first.id, second.id],
    answers: all.length,
    notCompared: [a.length - all.length, b.length - all.length],
    drawnAlike: await areDrawnAlike(workplace.store, [first, second]),
    partings: parted,
  };
}

/** What is drawn otherwise parts by chance. Results of old are greedy. */
async function areDrawnAlike(store: Store, records: readonly RunRecord[]): Promise<boolean> {
  const results = await Promise.all(records.map(({ id }) => store.evaluations.find(id)));
  const drawn = results.map((result) => {
    const { temperature = 0, seed } = result?.sampling ?? {};
    return JSON.stringify(temperature === 0 ? [temperature] : [temperature, seed]);
  });
  return new Set(drawn).size < 2;
}

const otherTokenizers = (first: string, second: string): StintError =>
  new StintError({
    code: 'wrong-option',
    where: '--tokens',
    what: `${first} and ${second} put one and the same prompt in different tokens: their models have different tokenizers`,
    why: 'a token of the one says nothing of one of the other',
    todo: 'leave --tokens out, or name two runs of one tokenizer',
  });

const notTwo = (count: number): StintError =>
  new StintError({
    code: 'wrong-option',
    where: '--tokens',
    what: `${count} ${count === 1 ? 'run is' : 'runs are'} named`,
    why: 'tokens are compared between two runs',
    todo: 'name two',
  });

const hasTokens = (rows: readonly AnswerRow[]): boolean => rows.some(({ tokens }) => tokens !== undefined);

const nothingInCommon = (): StintError =>
  new StintError({
    code: 'wrong-option',
    where: '--tokens',
    what: 'the two runs have answered no question in common under one control',
    why: 'tokens are compared between answers to one question',
    todo: 'name two runs over the same questions and controls',
  });

const noTokens = (): StintError =>
  new StintError({
    code: 'answers-unreadable',
    where: '--tokens',
    what: 'the two runs have no answer to one question under one control of which both have kept the tokens',
    why: 'evaluations keep tokens since this version of Stint',
    todo: 'name two runs over the same questions and controls; evaluate an older one again with `stint eval`',
  });
