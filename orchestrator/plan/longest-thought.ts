import type { Control } from '../recipe/control.ts';

/** Most tokens of thinking that a sequence holds under any of the controls. Each token of a text stands for a byte at least. */
export const longestThought = (controls: readonly Control[]): number =>
  Math.max(...controls.map(longestUnder));

function longestUnder(control: Control): number {
  if (control.kind !== 'wait' || control.accounting !== 'restart') return control.maxThinkingTokens;
  const { times, text, maxThinkingTokens } = control;
  return (times + 1) * maxThinkingTokens + times * new TextEncoder().encode(text).length;
}
