import { requireHere } from '../../../controller/elsewhere.ts';
import { readAnswers } from '../../../documents/read-answers.ts';
import { StintError } from '../../../errors/stint-error.ts';
import { controlLabel } from '../../../evaluation/control-name.ts';
import { type Flips, flipsBetween } from '../../../evaluation/flips.ts';
import { numbered } from '../../../evaluation/parting.ts';
import { findRun } from '../../../operations/find-runs.ts';
import type { RunRecord, Store } from '../../../store/port.ts';
import type { AnswerRow } from '../../../wire/answer-row.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';

export interface ShowOptions {
  /** Number of a question, from 1. */
  readonly question?: string;
  readonly benchmark?: string;
  /** Another run: whose answers changed sides. */
  readonly against?: string;
  readonly json?: boolean;
}

/** `stint eval show RUN --question N`, or `--against RUN`: what was answered, and which answers changed sides. */
export async function show(reference: string, options: ShowOptions, context: CliContext): Promise<number> {
  const workplace = await context.openWorkplace();
  const { output } = context;
  const record = await findRun(workplace.store, reference);
  if (options.against !== undefined) {
    const before = await findRun(workplace.store, options.against);
    const flips = flipsBetween(
      await resultOf(workplace.store, before),
      await resultOf(workplace.store, record),
    );
    if (options.json) printJson(output, { run: record.id, against: before.id, flips });
    else output.print(flips.map(flipsText).join('\n') || 'no control and no question of the two is the same');
    return 0;
  }
  requireHere(workplace, record, 'read its answers');
  const rows = numbered(await readAnswers(workplace.workFolder(record))).filter(
    ({ row, question }) =>
      question === questionOf(options) && (options.benchmark ?? row.benchmark) === row.benchmark,
  );
  if (rows.length === 0) throw noSuchQuestion(record.id, options);
  const answers = rows.map(({ row, question }) => ({ ...row, number: question }));
  if (options.json) printJson(output, { run: record.id, answers });
  else output.print(rows.map(({ row }) => answerText(row)).join('\n\n'));
  return 0;
}

async function resultOf(store: Store, { id }: RunRecord) {
  const result = await store.evaluations.find(id);
  if (result !== null) return result;
  throw new StintError({
    code: 'not-evaluated',
    where: id,
    what: `${id} has no evaluation`,
    todo: 'name a run that has been evaluated; `stint runs show` tells how far a run is',
  });
}

function questionOf({ question }: ShowOptions): number {
  if (question !== undefined && /^[1-9]\d*$/.test(question)) return Number(question);
  throw new StintError({
    code: 'wrong-option',
    where: '--question',
    what: question === undefined ? 'no question is named' : `"${question}" is no number of a question`,
    todo: 'give its number, from 1: --question 7; or name another run: --against RUN',
  });
}

const noSuchQuestion = (run: string, { question, benchmark }: ShowOptions) =>
  new StintError({
    code: 'no-such-question',
    where: run,
    what: `${run} was not asked a question ${question}${benchmark === undefined ? '' : ` of ${benchmark}`}`,
    todo: '`stint compare RUN` tells its benchmarks and how many questions they have',
  });

function flipsText({ gained, lost, n, ...at }: Flips): string {
  const list = (questions: readonly number[]) => (questions.length === 0 ? '' : ` (${questions.join(', ')})`);
  return `${at.benchmark} at ${controlLabel(at)}: of ${n} questions ${gained.length} gained${list(gained)}, ${lost.length} lost${list(lost)}`;
}

function answerText(row: AnswerRow): string {
  const ends = [
    row.grade ?? (row.correct === 1 ? 'right' : 'wrong'),
    `${row.thinkingTokens} tokens of thinking${row.forced ? ', ended by the budget' : ''}`,
    ...(row.label === undefined ? [] : [`the control was ${row.label}`]),
    ...(row.cut ? ['the answer ended at its limit'] : []),
  ];
  return [
    `${row.benchmark} at ${controlLabel(row)}: ${ends.join('; ')}`,
    `question   ${row.question}`,
    `thinking   ${row.thinking}`,
    `answer     ${row.answer}`,
    `reference  ${row.reference}`,
  ].join('\n');
}
