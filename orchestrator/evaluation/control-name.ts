import type { ControlResult } from '../wire/evaluation-result.ts';

/** What tells one way to bound thinking from another. */
export type ControlName = Pick<
  ControlResult,
  'control' | 'budget' | 'times' | 'asked' | 'text' | 'accounting'
>;

/** The name alone, of whatever has one. */
export function controlName({ control, budget, times, asked, text, accounting }: ControlName): ControlName {
  return {
    control,
    budget,
    times,
    ...(asked !== undefined && { asked }),
    ...(text !== undefined && { text }),
    ...(accounting !== undefined && { accounting }),
  };
}

/** Equal of the same control, of different ones different. */
export const controlKey = ({ control, budget, times, asked, text, accounting }: ControlName): string =>
  JSON.stringify([control, budget, times, asked ?? null, text ?? null, accounting ?? null]);

export const isSameControl = (a: ControlName, b: ControlName): boolean => controlKey(a) === controlKey(b);

/** As it reads in a sentence: `budget 32`, `budget 32 with 2 × Wait`. */
export function controlLabel({ control, budget, times, asked, text, accounting }: ControlName): string {
  switch (control) {
    case 'budget':
      return `budget ${budget}`;
    case 'wait':
      return `budget ${budget}${accounting ? ' a round' : ''} with ${waits({ times, text })}`;
    case 'token':
    case 'step':
      return `budget ${budget}, told up to ${asked} ${control}${asked === 1 ? '' : 's'}`;
    case 'class':
      return `budget ${budget}, told to think ${asked === 'long' ? 'for long' : 'briefly'}`;
    case 'rejection':
      return `up to ${asked} tries within ${budget}`;
  }
}

/**
 * What prolongs thinking, as it reads in a sentence: `2 × Wait`. A text with line breaks, blanks at its edges or signs that do not
 * show is quoted, because it would break the sentence.
 */
export function waits({
  times,
  text = 'Wait',
}: {
  readonly times: number;
  readonly text?: string | undefined;
}): string {
  const isPlain = /^\S+(?: \S+)*$/u.test(text) && !/\p{C}/u.test(text);
  return `${times} × ${isPlain ? text : JSON.stringify(text)}`;
}
