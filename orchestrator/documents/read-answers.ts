import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { StintError } from '../errors/stint-error.ts';
import { formatPath } from '../recipe/field-path.ts';
import { parseDocument } from '../recipe/parse-document.ts';
import { type AnswerRow, AnswerRowSchema } from '../wire/answer-row.ts';

/**
 * The answers of a run that was evaluated, in the order in which they were given: by benchmark, control and question.
 *
 * @param run - Its id.
 * @param work - The run's folder.
 * @throws StintError `not-evaluated` when they are not there, `answers-unreadable` when a line is no answer.
 */
export async function readAnswers(run: string, work: string): Promise<readonly AnswerRow[]> {
  const file = join(work, 'evaluation', 'samples.jsonl');
  const rows: AnswerRow[] = [];
  try {
    for await (const line of linesOf(file)) rows.push(readRow(line));
    return rows;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw notEvaluated(run, file);
    const reason = error instanceof Error ? error.message : String(error);
    throw new StintError(
      {
        code: 'answers-unreadable',
        where: `${file}:${rows.length + 1}`,
        what: `answer ${rows.length + 1} of this run cannot be read: ${reason}`,
        why: 'an evaluation keeps each of its answers in a line of this file',
        todo: 'bring the file back as it was written',
      },
      { cause: error },
    );
  }
}

/** What ends a line is a line feed alone: node:readline also takes U+2028 for one, which an answer may hold as it is. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let held: string[] = [];
  for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    const [first = '', ...others] = chunk.split('\n');
    held.push(first);
    for (const next of others) {
      yield held.join('');
      held = [next];
    }
  }
  const last = held.join('');
  if (last !== '') yield last;
}

/** @throws Error of a line that is no answer. */
function readRow(line: string): AnswerRow {
  const parsed = parseDocument(AnswerRowSchema, JSON.parse(line));
  if (parsed.ok) return parsed.value;
  const [issue] = parsed.issues;
  const more = parsed.issues.length > 1 ? ` (and ${parsed.issues.length - 1} more)` : '';
  throw new Error(`${formatPath(issue?.path ?? [])}: ${issue?.what}, expected ${issue?.expected}${more}`);
}

const notEvaluated = (run: string, file: string): StintError =>
  new StintError({
    code: 'not-evaluated',
    where: run,
    what: `${run} has kept no answers: there is no ${file}`,
    why: 'they are kept when all questions of an evaluation have been answered',
    todo: 'name a run that has been evaluated; `stint runs show` tells how far a run is',
  });
