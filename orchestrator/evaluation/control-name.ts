import type { ControlResult } from '../wire/evaluation-result.ts';

/** What tells one way to bound thinking from another. */
export type ControlName = Pick<ControlResult, 'control' | 'budget' | 'times' | 'asked'>;

/** The name alone, of whatever has one. */
export function controlName({ control, budget, times, asked }: ControlName): ControlName {
  return { control, budget, times, ...(asked !== undefined && { asked }) };
}

export function isSameControl(a: ControlName, b: ControlName): boolean {
  return a.control === b.control && a.budget === b.budget && a.times === b.times && a.asked === b.asked;
}

/** As it reads in a sentence: `budget 32`, `budget 32 with 2 × Wait`. */
export function controlLabel({ control, budget, times, asked }: ControlName): string {
  switch (control) {
    case 'budget':
      return `budget ${budget}`;
    case 'wait':
      return `budget ${budget} with ${times} × Wait`;
    case 'token':
    case 'step':
      return `budget ${budget}, told up to ${asked} ${control}s`;
    case 'class':
      return `budget ${budget}, told to think ${asked === 'long' ? 'for long' : 'shortly'}`;
    case 'rejection':
      return `up to ${asked} tries within ${budget}`;
  }
}
