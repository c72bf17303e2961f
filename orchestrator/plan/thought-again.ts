import type { Control } from '../recipe/control.ts';

/** A sentence behind the question that tells the model how long to think. */
const TOLD_TOKENS = 64;

interface Thought {
  readonly expected: number;
  readonly most: number;
}

/**
 * Tokens that controls have a model think beyond what a plain budget does, of which each begins as the largest does: a "Wait" goes on
 * for half as long again, a question that tells something is thought about again, and nobody knows how often thinking is drawn.
 *
 * @param thinks - Tokens that a thought has under a limit.
 */
export function thoughtAgain(controls: readonly Control[], thinks: (limit: number) => number): Thought {
  const parts = controls.map((control): Thought => {
    const { kind, maxThinkingTokens: limit } = control;
    if (kind === 'budget') return { expected: 0, most: 0 };
    if (kind === 'wait' && control.accounting === 'restart')
      return { expected: (thinks(limit) * control.times) / 2, most: limit * (control.times + 1) };
    if (kind === 'wait') return { expected: thinks(limit) / 2, most: limit };
    if (kind !== 'rejection') return { expected: thinks(limit), most: limit };
    return { expected: (thinks(limit) * (1 + control.tries)) / 2, most: limit * control.tries };
  });
  const sum = (of: keyof Thought) => parts.reduce((total, part) => total + part[of], 0);
  return { expected: sum('expected'), most: sum('most') };
}

export const toldTokens = (controls: readonly Control[]): number =>
  controls.some(({ kind }) => kind === 'token' || kind === 'step' || kind === 'class') ? TOLD_TOKENS : 0;
