import { z } from 'zod';
import type { Control } from './control.ts';

const Delimiter = z
  .string()
  .refine((text) => /\S/.test(text) && text.isWellFormed(), 'expected a text that is not blank');

/**
 * What sets thinking off from the answer, for models that do not think between s1's delimiters, such as `<think>` and `</think>`. A model
 * is trained on them, and its end of thinking is looked for, suppressed and forced by them. What brings no line break of its own is set
 * off by one.
 */
export const ThinkingSchema = z
  .strictObject({
    /** Thinking follows it: `"<think>\n"`. */
    start: Delimiter,
    /** What a model writes where its thinking has ended: a control token of its tokenizer, or a text of several tokens. */
    end: Delimiter.refine((text) => text === text.trim(), 'expected a text without blanks around it'),
    /** The answer follows it. Without it, `end`; with it, what begins with `end`: `"</think>\n\n"`. */
    answerStart: Delimiter.optional(),
    /** Put behind it where the budget ended the thinking, so that an answer follows. */
    finalAnswer: Delimiter.default('Final Answer:'),
  })
  .refine(({ end, answerStart = end }) => answerStart.startsWith(end), {
    path: ['answerStart'],
    error: 'expected a text that begins with `end`, because that is what a model writes there',
  })
  .refine(({ start, end }) => start.trim() !== end, {
    path: ['end'],
    error: 'expected another text than `start`: what begins thinking cannot end it',
  });
export type Thinking = z.infer<typeof ThinkingSchema>;

/** s1's, which count where a recipe says nothing (trainer/thinking.py). */
const S1 = { end: '<|im_start|>', answerStart: '<|im_start|>answer' } as const;

/** ChatML's, which bound the turns of every model that is asked here. */
const TURN_MARKS = ['<|im_start|>', '<|im_end|>'] as const;

/** Whether thinking may be counted down in steps: s1 sets them off with what ends its thinking. */
export const countsSteps = (thinking: Thinking | undefined): boolean =>
  thinking === undefined || (thinking.end === S1.end && thinking.answerStart === S1.answerStart);

export const NO_STEPS = `expected none, because s1 sets steps off with ${S1.end} and \`thinking\` ends otherwise: leave one of the two out`;

/** A control that these delimiters do not allow. */
export interface Undelimited {
  /** Of the control, from 0. */
  readonly place: number;
  readonly field: 'kind' | 'text';
  readonly expected: string;
}

/** Controls under which the end of thinking could not be told from what is put into it. */
export const undelimited = (
  thinking: Thinking | undefined,
  controls: readonly Control[],
): readonly Undelimited[] =>
  controls.flatMap((control, place): Undelimited[] => {
    if (control.kind === 'step' && !countsSteps(thinking))
      return [{ place, field: 'kind', expected: NO_STEPS }];
    if (control.kind !== 'wait') return [];
    const end = [thinking?.end ?? S1.end, ...TURN_MARKS].find((mark) => control.text.includes(mark));
    if (end !== undefined)
      return [
        {
          place,
          field: 'text',
          expected: `expected a text without ${end}, which would end the thinking that it is to prolong`,
        },
      ];
    return [];
  });

/** Most tokens of all of them together: each stands for a byte at least. Undefined for s1's. */
export const delimiterTokens = (thinking: Thinking | undefined): number | undefined =>
  thinking &&
  new TextEncoder().encode(thinking.start + (thinking.answerStart ?? thinking.end) + thinking.finalAnswer)
    .length;
