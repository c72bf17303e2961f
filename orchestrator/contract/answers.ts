import { z } from 'zod';
import { AnswerRowSchema } from '../wire/answer-row.ts';
import { CONTROL_NAME } from '../wire/evaluation-result.ts';
import type { Exchange } from './exchange.ts';

const run = z.string().meta({ description: 'Its id.' });

const Numbers = z.array(z.int().positive());

const listAnswers = {
  summary: 'What a run has answered to one question, under each control',
  input: z.strictObject({
    run,
    question: z.coerce
      .number<number | string>()
      .int()
      .positive()
      .meta({ description: 'Its number in its benchmark, from 1.' }),
    benchmark: z.string().optional(),
  }),
  answer: z
    .strictObject({
      run: z.string(),
      answers: z.array(AnswerRowSchema.extend({ number: z.int().positive() })).min(1),
    })
    .meta({ id: 'Answers' }),
} as const satisfies Exchange;

const listFlips = {
  summary: 'Questions whose answers changed sides between two runs, by control',
  input: z.strictObject({ run, against: z.string().meta({ description: 'The run before.' }) }),
  answer: z
    .strictObject({
      run: z.string(),
      against: z.string(),
      flips: z.array(
        z.strictObject({
          benchmark: z.string(),
          ...CONTROL_NAME,
          gained: Numbers.meta({ description: 'Wrong before and right now; numbers from 1.' }),
          lost: Numbers,
          n: z.int().meta({ description: 'Questions.' }),
        }),
      ),
      otherQuestions: z.array(z.string()).meta({
        description: 'Benchmarks of one name whose questions differ, so that none has changed sides.',
      }),
    })
    .meta({ id: 'FlippedAnswers' }),
} as const satisfies Exchange;

const listPartings = {
  summary: 'The first token in which two runs part, of each answer that both have kept',
  input: z.strictObject({
    runs: z
      .string()
      .min(1)
      .transform((text) => text.split(','))
      .meta({ description: 'Ids of the two, with a comma between them.' }),
  }),
  answer: z
    .strictObject({
      runs: z.tuple([z.string(), z.string()]),
      answers: z.int().meta({ description: 'How many were compared.' }),
      notCompared: z.tuple([z.int().nonnegative(), z.int().nonnegative()]).meta({
        description: 'How many answers of each have no counterpart, or no tokens.',
      }),
      drawnAlike: z.boolean().meta({
        description: 'At one temperature and, above 0, from one seed; else they part by chance.',
      }),
      partings: z.array(
        z.strictObject({
          benchmark: z.string(),
          ...CONTROL_NAME,
          question: z.int().positive(),
          sample: z.int().positive(),
          token: z.int().nonnegative().meta({ description: 'Behind the prompt, or in it, from 0.' }),
          inPrompt: z.boolean().meta({
            description: 'They were asked otherwise, so that nothing follows of who answered.',
          }),
          tokens: z
            .tuple([z.int().nullable(), z.int().nullable()])
            .meta({ description: 'What stands there in each; null behind its end.' }),
        }),
      ),
    })
    .meta({ id: 'Partings' }),
} as const satisfies Exchange;

export const ANSWER_VERBS = { listAnswers, listFlips, listPartings } as const;
