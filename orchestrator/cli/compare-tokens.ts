import type { Answer, Stint } from '../contract/routes.ts';
import { controlLabel } from '../evaluation/control-name.ts';
import { formatInteger } from '../units/format.ts';
import { type Output, printJson } from './output.ts';

/** `stint compare RUN RUN --tokens`: the first token in which two runs part, of each answer that both have kept. */
export async function compareTokens(
  stint: Stint,
  references: readonly string[],
  { json }: { readonly json?: boolean },
  output: Output,
): Promise<number> {
  const answer = await stint.listPartings({ runs: [...references] });
  if (json) {
    printJson(output, answer);
    return 0;
  }
  const {
    runs: [first, second],
    answers,
    partings,
    notCompared,
    drawnAlike,
  } = answer;
  output.print(
    `${formatInteger(partings.length)} of ${formatInteger(answers)} answers part between ${first} and ${second}.`,
  );
  if (notCompared.some((count) => count > 0))
    output.print(
      `${first} has ${formatInteger(notCompared[0])} more and ${second} ${formatInteger(notCompared[1])}: on other questions, under other controls, or without their tokens.`,
    );
  if (!drawnAlike)
    output.print(
      'They were drawn at different temperatures or from different seeds, so that answers part by chance.',
    );
  for (const parting of partings) output.print(partingText(parting));
  return 0;
}

function partingText({
  benchmark,
  question,
  sample,
  token,
  inPrompt,
  tokens,
  ...control
}: Answer<'listPartings'>['partings'][number]): string {
  const [one, other] = tokens.map((id) => id ?? 'its end');
  return `${benchmark} at ${controlLabel(control)}, question ${question}, answer ${sample}: ${inPrompt ? 'they were asked otherwise, and of the prompt ' : ''}token ${token} is ${one}, then ${other}`;
}
