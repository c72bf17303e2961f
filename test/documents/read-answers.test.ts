import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAnswers } from '../../orchestrator/documents/read-answers.ts';
import { answerRow } from '../evaluation/answer-row.ts';

const row = (answer: string) => answerRow({ answer });

/** A run's folder with this as its answers. */
async function workWith(text: string): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'stint-answers-'));
  await mkdir(join(work, 'evaluation'));
  await writeFile(join(work, 'evaluation', 'samples.jsonl'), text);
  return work;
}

test('an answer is a line, whatever signs it holds that elsewhere end one', async () => {
  const answers = ['one\u2028two\u2029three', 'a\u0085b\u000Bc\rd\ne', 'é'.repeat(100_000), ''];
  // As the trainer writes them: what JSON need not escape stands as it is.
  const work = await workWith(answers.map((answer) => `${JSON.stringify(row(answer))}\n`).join(''));
  expect((await readAnswers('r-1', work)).map(({ answer }) => answer)).toEqual(answers);
});

test('a line that is no answer is told with its place and its field', async () => {
  const work = await workWith(
    `${JSON.stringify(row('2'))}\n${JSON.stringify({ ...row('2'), correct: 7 })}\n`,
  );
  await expect(readAnswers('r-1', work)).rejects.toMatchObject({
    problems: [
      {
        code: 'answers-unreadable',
        where: expect.stringMatching(/samples\.jsonl:2$/) as string,
        what: expect.stringMatching(
          /^answer 2 of this run cannot be read: correct: .*7.*, expected [^[{]*$/,
        ) as string,
      },
    ],
  });
  await expect(readAnswers('r-1', await workWith('{"a": 1}\n'))).rejects.toMatchObject({
    problems: [{ what: expect.stringMatching(/cannot be read: \w+: .* \(and \d+ more\)$/) as string }],
  });
});

test('a run that has kept none is told from one whose answers are damaged', async () => {
  const work = await mkdtemp(join(tmpdir(), 'stint-answers-'));
  await expect(readAnswers('r-1', work)).rejects.toMatchObject({
    problems: [{ code: 'not-evaluated', where: 'r-1' }],
  });
});
