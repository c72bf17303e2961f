import type { Answer, Question } from '../contract/routes.ts';
import { requireHere } from '../controller/elsewhere.ts';
import { readAnswers } from '../documents/read-answers.ts';
import { StintError } from '../errors/stint-error.ts';
import { numbered } from '../evaluation/parting.ts';
import type { Desk } from './desk.ts';
import { findRun } from './find-runs.ts';

/** What a run has answered to a question. @throws StintError `no-such-run`, `not-evaluated`, `answers-unreadable`, `no-such-question`. */
export async function listAnswers(
  { workplace, caller }: Desk,
  { run, question: asked, benchmark }: Question<'listAnswers'>,
): Promise<Answer<'listAnswers'>> {
  const record = await findRun(workplace.store, run, caller);
  requireHere(workplace, record, 'read its answers');
  const answers = numbered(await readAnswers(record.id, workplace.workFolder(record)))
    .filter(({ row, question }) => question === asked && (benchmark ?? row.benchmark) === row.benchmark)
    .map(({ row, question }) => ({ ...row, number: question }));
  if (answers.length === 0) throw noSuchQuestion(record.id, asked, benchmark);
  return { run: record.id, answers };
}

const noSuchQuestion = (run: string, question: number, benchmark: string | undefined): StintError =>
  new StintError({
    code: 'no-such-question',
    where: run,
    what: `${run} was not asked a question ${question}${benchmark === undefined ? '' : ` of ${benchmark}`}`,
    todo: '`stint compare RUN` tells its benchmarks and how many questions they have',
  });
