import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { StintError } from '../errors/stint-error.ts';
import { type AnswerRow, AnswerRowSchema } from '../wire/answer-row.ts';

/**
 * The answers of a run that was evaluated, in the order in which they were given: by benchmark, control and question.
 *
 * @param work - The run's folder.
 * @param run - Its id.
 * @throws StintError `not-evaluated` when they are not there, `answers-unreadable` when a line is no answer.
 */
export async function readAnswers(run: string, work: string): Promise<readonly AnswerRow[]> {
  const file = join(work, 'evaluation', 'samples.jsonl');
  const rows: AnswerRow[] = [];
  try {
    for await (const line of createInterface({ input: createReadStream(file, 'utf8') }))
      rows.push(AnswerRowSchema.parse(JSON.parse(line)));
    return rows;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw notEvaluated(run, file);
    const reason = error instanceof Error ? error.message : String(error);
    throw new StintError(
      {
        code: 'answers-unreadable',
        where: file,
        what: `answer ${rows.length + 1} of this run cannot be read: ${reason}`,
        why: 'an evaluation keeps each of its answers in a line of this file',
        todo: 'bring the file back as it was written',
      },
      { cause: error },
    );
  }
}

const notEvaluated = (run: string, file: string): StintError =>
  new StintError({
    code: 'not-evaluated',
    where: run,
    what: `${run} has kept no answers: there is no ${file}`,
    why: 'they are kept when all questions of an evaluation have been answered',
    todo: 'name a run that has been evaluated; `stint runs show` tells how far a run is',
  });
