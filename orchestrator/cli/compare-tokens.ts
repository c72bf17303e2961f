import { requireHere } from '../controller/elsewhere.ts';
import type { Workplace } from '../controller/workplace.ts';
import { readAnswers } from '../documents/read-answers.ts';
import { StintError } from '../errors/stint-error.ts';
import { controlLabel } from '../evaluation/control-name.ts';
import { type Parting, partings } from '../evaluation/parting.ts';
import type { RunRecord } from '../store/port.ts';
import { formatInteger } from '../units/format.ts';
import { type Output, printJson } from './output.ts';

/** `stint compare RUN RUN --tokens`: the first token in which two runs part, of each answer that both have kept. */
export async function compareTokens(
  workplace: Workplace,
  records: readonly RunRecord[],
  { json }: { readonly json?: boolean },
  output: Output,
): Promise<number> {
  const [first, second, ...others] = records;
  if (first === undefined || second === undefined || others.length > 0) throw notTwo(records.length);
  for (const record of records) requireHere(workplace, record, 'read its answers');
  const [a, b] = await Promise.all([first, second].map((each) => readAnswers(workplace.workFolder(each))));
  const all = partings(a ?? [], b ?? []);
  if (all.length === 0) throw noTokens();
  const parted = all.filter(({ token }) => token !== null);
  if (json) {
    printJson(output, { runs: [first.id, second.id], answers: all.length, partings: parted });
    return 0;
  }
  output.print(
    `${formatInteger(parted.length)} of ${formatInteger(all.length)} answers part between ${first.id} and ${second.id}.`,
  );
  for (const parting of parted) output.print(partingText(parting));
  return 0;
}

function partingText({ benchmark, question, sample, token, tokens, ...control }: Parting): string {
  const [one, other] = tokens.map((id) => id ?? 'its end');
  return `${benchmark} at ${controlLabel(control)}, question ${question}, answer ${sample}: token ${token} is ${one}, then ${other}`;
}

const notTwo = (count: number) =>
  new StintError({
    code: 'wrong-option',
    where: '--tokens',
    what: `${count} ${count === 1 ? 'run is' : 'runs are'} named`,
    why: 'tokens are compared between two runs',
    todo: 'name two',
  });

const noTokens = () =>
  new StintError({
    code: 'answers-unreadable',
    where: '--tokens',
    what: 'the two runs have no answer to one question under one control of which both have kept the tokens',
    why: 'evaluations keep tokens since this version of Stint',
    todo: 'name two runs over the same questions and controls; evaluate an older one again with `stint eval`',
  });
