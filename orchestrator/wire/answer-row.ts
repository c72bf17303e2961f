import { z } from 'zod';
import { CONTROL_NAME } from './evaluation-result.ts';

const GradeSchema = z.enum(['right', 'wrong', 'unreadable']);

/** A line of `evaluation/samples.jsonl`: what one question was answered under one control. */
export const AnswerRowSchema = z.object({
  benchmark: z.string(),
  ...CONTROL_NAME,
  /** With `rejection`: how often thinking was drawn, and the tokens of all that was drawn. */
  tries: z.int().positive().optional(),
  drawnTokens: z.int().nonnegative().optional(),
  /** With `step`: steps that were counted down, and whether thinking was ended because none was left. */
  steps: z.int().nonnegative().optional(),
  countedOut: z.int().min(0).max(1).optional(),
  question: z.string(),
  reference: z.string(),
  /** As it was put to the model, with its template. Absent in rows of old. */
  prompt: z.string().optional(),
  thinking: z.string(),
  answer: z.string(),
  thinkingTokens: z.int().nonnegative(),
  answerTokens: z.int().nonnegative().optional(),
  /** Its thinking was ended by the budget. */
  forced: z.boolean(),
  /** It ended at its limit of tokens. Absent in rows of old, as what follows. */
  cut: z.boolean().optional(),
  label: z.enum(['obeyed', 'impossible', 'ignored']).optional(),
  grade: GradeSchema.optional(),
  /** Whose grade it is. */
  gradedBy: z.enum(['grader', 'judge']).optional(),
  /** Of an answer that the judge was asked about. */
  judge: z
    .object({
      /** Null where it gave none, which leaves the grader's grade; then `problem` says why. */
      verdict: GradeSchema.nullable(),
      said: z.string().nullable(),
      problem: z.string().nullable(),
      /** What the grader said. */
      grader: GradeSchema,
    })
    .optional(),
  correct: z.int().min(0).max(1),
  /** Of the question in its benchmark, and of the answer among those to it, from 1. Rows of old stand in that order. */
  number: z.int().positive().optional(),
  sample: z.int().positive().optional(),
  /** Of what was drawn for it, where something was. */
  seed: z.int().nonnegative().optional(),
  /** The tokens in which its thinking, or else itself, ended again and again; null where it did not. */
  loop: z.object({ period: z.int().positive(), copies: z.int().positive() }).nullable().optional(),
  /** The whole sequence as it was fed: the prompt, all that was put in and all that came out. */
  tokens: z.array(z.int().nonnegative()).optional(),
  /** How many of them are the prompt. */
  promptTokens: z.int().nonnegative().optional(),
});
export type AnswerRow = z.infer<typeof AnswerRowSchema>;
