import type { Inspection, InspectionRequest } from '../wire/inspection.ts';

/** Columns that a command line names; for those it does not, a guess is made. */
export interface NamedFields {
  readonly question?: string;
  readonly trace?: string;
  readonly answer?: string;
}

/**
 * The request with its columns: as they are named, and as the reader guesses them where they are not. Null leaves the guess
 * to the reader.
 *
 * @param guess - Reads the data without a tokenizer, which is quick.
 */
export async function withFields(
  request: InspectionRequest,
  { question, trace, answer }: NamedFields,
  guess: (request: InspectionRequest) => Promise<Inspection>,
): Promise<InspectionRequest> {
  if (question === undefined && trace === undefined && answer === undefined) return request;
  const { fields } =
    question !== undefined && trace !== undefined && answer !== undefined
      ? { fields: { question, trace, answer } }
      : await guess({ ...request, model: null });
  return {
    ...request,
    dataset: {
      ...request.dataset,
      // What is neither named nor guessed is looked for under its own name, so that rows say what they lack.
      fields: {
        question: question ?? fields.question ?? 'question',
        trace: trace ?? fields.trace ?? 'trace',
        answer: answer ?? fields.answer ?? 'answer',
      },
    },
  };
}
