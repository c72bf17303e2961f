import { controlLabel } from '../../evaluation/control-name.ts';
import type { AnswerRow } from '../../wire/answer-row.ts';

/**
 * An answer for a person: how it ended and was graded, then what was asked, thought and said.
 *
 * @param isOneOfSeveral - To its question under its control, so that its number among them is told.
 */
export function answerText(row: AnswerRow, isOneOfSeveral = false): string {
  const ends = [
    `${row.grade ?? (row.correct === 1 ? 'right' : 'wrong')}${judgeText(row)}`,
    `${row.thinkingTokens} tokens of thinking${row.forced ? ', ended by the budget' : ''}`,
    ...(row.label === undefined ? [] : [`the control was ${row.label}`]),
    ...(row.cut ? ['the answer ended at its limit'] : []),
  ];
  return [
    `${row.benchmark} at ${controlLabel(row)}${isOneOfSeveral ? `, answer ${row.sample ?? 1}` : ''}: ${ends.join('; ')}`,
    ...(['question', 'thinking', 'answer', 'reference'] as const).map((part) => partText(part, row[part])),
  ].join('\n');
}

const PART_WIDTH = 'reference  '.length;

/** Further lines of a text stand below its first, so that none of them can be taken for another part. */
const partText = (part: string, text: string): string =>
  part.padEnd(PART_WIDTH) + text.replaceAll('\n', `\n${' '.repeat(PART_WIDTH)}`);

/** Whose word the grade is, where a judge was asked. */
function judgeText({ gradedBy, judge }: AnswerRow): string {
  if (judge === undefined) return '';
  if (gradedBy === 'judge') return `, by the judge (the grader: ${judge.grader})`;
  return `, by the grader (the judge gave no verdict: ${judge.problem ?? 'unknown'})`;
}
