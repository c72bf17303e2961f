import { z } from 'zod';
import { formatInteger } from '../units/format.ts';
import { canonicalJson } from './canonical.ts';
import { type Control, ControlSchema } from './control.ts';
import { SourceSchema } from './dataset.ts';
import { eachOnce } from './each-once.ts';
import { Name } from './name.ts';

/** How an answer is judged against the reference. */
const GRADERS = ['exact', 'integer', 'math', 'choices'] as const;

const NOWHERE = { username: '', password: '', search: '', hash: '' } as const;

/** Up to the protocol's version: http://inference.example/v1. A recipe is shown and kept everywhere, so no secret may be in it. */
const ServerUrlSchema = z.url({ protocol: /^https?$/ }).refine(
  (text) => {
    // What is no address at all is told in other words.
    const { username, password, search, hash } = URL.parse(text) ?? NOWHERE;
    return `${username}${password}${search}${hash}` === '';
  },
  {
    error:
      'expected an address up to the protocol’s version and nothing behind it, without user or key: keys are given to the pods as STINT_ENDPOINT_KEY and STINT_JUDGE_KEY',
  },
);

/**
 * Who decodes. `trainer`: the trainer's own decoder, on one device. `vllm`: vLLM beside the evaluation, over all devices of
 * its pod. `endpoint`: a server of OpenAI's completions protocol that runs already and returns token ids.
 */
const EngineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('trainer') }),
  z.strictObject({ kind: z.literal('vllm') }),
  z.strictObject({
    kind: z.literal('endpoint'),
    url: ServerUrlSchema,
    /** Its name there; without one, the only model that is served. */
    model: z.string().min(1).optional(),
  }),
]);

/** A model behind OpenAI's chat protocol that judges answers beside the graders. Each of its verdicts is marked as its own. */
const JudgeSchema = z.strictObject({
  url: ServerUrlSchema,
  /** Its name there; without one, the only model that is served. */
  model: z.string().min(1).optional(),
  /** Which it is asked about: those that the grader cannot read, or each. What was cut at its limit is nobody's to judge. */
  answers: z.enum(['unreadable', 'all']).default('unreadable'),
  /** What it is told to judge, in place of Stint's own words. How it has to reply is always said. */
  prompt: z.string().min(1).optional(),
});

/** What is left out is as if it were written. */
const identity = (control: Control): string =>
  canonicalJson(control.kind === 'wait' ? { accounting: 'shared', ...control } : control);

/** All pairs of what two models may answer to them are gone through, to say which differences they tell. */
const MOST_QUESTIONS = 100_000;

/** Scores are divided by it, and by 1e-40 they are no numbers any more. vLLM takes whatever is lower than this for this. */
const LEAST_TEMPERATURE = 0.01;

const BenchmarkSchema = z
  .strictObject({
    name: Name,
    source: SourceSchema,
    fields: z
      .strictObject({
        question: z.string().min(1).default('question'),
        answer: z.string().min(1).default('answer'),
        /** Of the wrong options, where a row keeps each in a field: all are asked under letters, in an order of their own. */
        choices: z.array(z.string().min(1)).min(1).max(25).optional(),
      })
      .prefault({}),
    grader: z.enum(GRADERS).default('exact'),
    /** How many questions it holds, for plans that are made where it is not at hand. Another number is refused. */
    questions: z.int().positive().max(MOST_QUESTIONS).optional(),
    /** How many tokens a thought about a question has in the mean where no budget ends it, for plans. */
    thinkingTokens: z.int().positive().optional(),
  })
  .refine(({ source }) => source.kind !== 'generated' || source.samples <= MOST_QUESTIONS, {
    path: ['source', 'samples'],
    error: `expected at most ${formatInteger(MOST_QUESTIONS)} questions`,
  });

export const EvaluationSettingsSchema = z
  .strictObject({
    benchmarks: z
      .array(BenchmarkSchema)
      .min(1)
      .check(
        eachOnce(
          ({ name }) => name,
          'expected a name that no other benchmark has, because results are told apart by it',
          'name',
        ),
      ),
    controls: z
      .array(ControlSchema)
      .min(1)
      .refine(
        (controls) =>
          controls.every(
            (each) =>
              each.kind !== 'class' ||
              controls.some(
                ({ kind, maxThinkingTokens }) =>
                  kind === 'budget' && maxThinkingTokens === each.maxThinkingTokens,
              ),
          ),
        {
          error:
            'expected one of kind `budget` beside each of kind `class`, with the same maxThinkingTokens, because it is held against thinking that nobody steered',
        },
      )
      .check(
        eachOnce(
          identity,
          'expected another control than those before it, because results are told apart by it',
        ),
      ),
    maxAnswerTokens: z.int().positive().default(512),
    temperature: z
      .number()
      .min(0)
      .refine((value) => value === 0 || value >= LEAST_TEMPERATURE, {
        error: `expected 0, where the likeliest token is taken, or at least ${LEAST_TEMPERATURE}, below which engines do not draw as they are asked`,
      })
      .default(0),
    /** Of all that is drawn at a temperature above 0. */
    seed: z.int().nonnegative().default(1234),
    /** Answers to each question under each control; without it 1. */
    samples: z.int().min(1).max(1024).optional(),
    /** Questions decoded together. */
    batch: z.int().positive().default(64),
    /** Without it the trainer's own. */
    engine: EngineSchema.optional(),
    /** Without it the graders alone judge, locally and for free. */
    judge: JudgeSchema.optional(),
    /** Evaluate the model that training began from as well, on the same questions: what did fine-tuning change? */
    untouched: z.boolean().optional(),
  })
  .refine(({ samples, temperature }) => samples === undefined || samples === 1 || temperature > 0, {
    path: ['samples'],
    error: 'expected 1, because at temperature 0 every answer is the same, or a temperature above 0',
  })
  .refine(
    ({ controls, temperature }) => temperature > 0 || controls.every(({ kind }) => kind !== 'rejection'),
    {
      path: ['temperature'],
      error:
        'expected a number above 0, because a control of kind `rejection` draws again, and at temperature 0 every try is the same',
    },
  );
export type EvaluationSettings = z.infer<typeof EvaluationSettingsSchema>;
