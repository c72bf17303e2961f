import { StintError } from '../../../errors/stint-error.ts';
import { controlLabel } from '../../../evaluation/control-name.ts';
import type { Flips } from '../../../evaluation/flips.ts';
import { counted } from '../../../units/counted.ts';
import type { AnswerRow } from '../../../wire/answer-row.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { answerText } from '../../render/answer-text.ts';

export interface ShowOptions {
  /** Number of a question, from 1. */
  readonly question?: string;
  readonly benchmark?: string;
  /** Another run: whose answers changed sides. */
  readonly against?: string;
  readonly json?: boolean;
}

/** `stint eval show RUN --question N`, or `--against RUN`: what was answered, and which answers changed sides. */
export async function show(run: string, options: ShowOptions, context: CliContext): Promise<number> {
  const { against, benchmark, json } = options;
  if (against !== undefined) return showFlips({ run, against }, options, context);
  const question = questionOf(options);
  const stint = await context.openStint();
  const { output } = context;
  const answer = await stint.listAnswers({ run, question, ...(benchmark !== undefined && { benchmark }) });
  if (json) printJson(output, answer);
  else output.print(answer.answers.map((row) => answerText(row, severalOf(answer.answers))).join('\n\n'));
  return 0;
}

const severalOf = (answers: readonly AnswerRow[]): boolean => answers.some(({ sample = 1 }) => sample > 1);

async function showFlips(
  question: { readonly run: string; readonly against: string },
  { json, question: one, benchmark }: ShowOptions,
  context: CliContext,
): Promise<number> {
  if (one !== undefined || benchmark !== undefined)
    throw notWithAgainst(one === undefined ? '--benchmark' : '--question');
  const stint = await context.openStint();
  const { output } = context;
  const answer = await stint.listFlips(question);
  if (json) printJson(output, answer);
  else
    output.print(
      [...answer.flips.map(flipsText), ...answer.otherQuestions.map(otherQuestionsText)].join('\n') ||
        'no benchmark of the two is the same under one control',
    );
  return 0;
}

function questionOf({ question }: ShowOptions): number {
  if (question !== undefined && /^[1-9]\d{0,14}$/.test(question)) return Number(question);
  throw new StintError({
    code: 'wrong-option',
    where: '--question',
    what: question === undefined ? 'no question is named' : `"${question}" is no number of a question`,
    todo: 'give its number, from 1: --question 7; or name another run: --against RUN',
  });
}

function flipsText({ gained, lost, n, ...at }: Flips): string {
  const list = (questions: readonly number[]) => (questions.length === 0 ? '' : ` (${questions.join(', ')})`);
  return `${at.benchmark} at ${controlLabel(at)}: of ${counted(n, 'question')} ${gained.length} gained${list(gained)}, ${lost.length} lost${list(lost)}`;
}

const otherQuestionsText = (benchmark: string): string =>
  `${benchmark}: the two were asked different questions under this name, so that none has changed sides`;

const notWithAgainst = (option: string): StintError =>
  new StintError({
    code: 'bad-option',
    where: option,
    what: `${option} goes not with --against, which tells of all questions`,
    todo: 'leave one of the two out: `stint eval show RUN --question 7`, or `stint eval show RUN --against RUN`',
  });
