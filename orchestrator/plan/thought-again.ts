import type { Control } from '../recipe/control.ts';

/** Bytes of the sentences behind the question that tell a model to think for long or briefly (trainer/evaluate/told.py). */
const CLASS_BYTES = { long: 200, short: 97 } as const;

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

/** Most tokens of what any of them tells a model behind its question, whatever its tokenizer: each stands for a byte at least. */
export const toldTokens = (controls: readonly Control[]): number => Math.max(0, ...controls.map(toldBytes));

function toldBytes(control: Control): number {
  if (control.kind === 'class') return CLASS_BYTES[control.length];
  if (control.kind === 'token') return upTo(control.tokens, 'tokens');
  return control.kind === 'step' ? upTo(control.steps, 'steps') : 0;
}

const upTo = (most: number, unit: string): number => `\n\nThink for up to ${most} ${unit}.`.length;
