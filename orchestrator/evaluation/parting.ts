import type { AnswerRow } from '../wire/answer-row.ts';
import { type ControlName, controlKey, controlName } from './control-name.ts';

/** Where two runs went apart in answering one question under one control. */
export interface Parting extends ControlName {
  readonly benchmark: string;
  /** Number of the question, and of the answer among those to it, from 1. */
  readonly question: number;
  readonly sample: number;
  /** Behind the prompt, or in it, from 0; null where all tokens are the same. */
  readonly token: number | null;
  /** They were asked otherwise, so that nothing follows of who answered. */
  readonly inPrompt: boolean;
  /** What stands there in each; null behind its end. */
  readonly tokens: readonly [number | null, number | null];
}

/**
 * Whether the two have put one and the same prompt in different tokens, so that theirs are of different tokenizers: a number of the
 * one says nothing of the other's.
 */
export function haveOtherTokenizers(first: readonly AnswerRow[], second: readonly AnswerRow[]): boolean {
  const promptOf = ({ tokens, promptTokens }: AnswerRow) =>
    JSON.stringify(promptTokens === undefined ? undefined : tokens?.slice(0, promptTokens));
  const read = new Map(first.map((row) => [row.prompt, promptOf(row)]));
  return second.some((row) => {
    const other = row.prompt === undefined ? undefined : read.get(row.prompt);
    const own = promptOf(row);
    return other !== undefined && own !== undefined && other !== own;
  });
}

/** Of each answer that both have kept with its tokens, in the order of the first. */
export function partings(first: readonly AnswerRow[], second: readonly AnswerRow[]): readonly Parting[] {
  const others = new Map(numbered(second).map(({ row, question }) => [keyOf(row, question), row]));
  return numbered(first).flatMap(({ row, question }) => {
    const { sample = 1 } = row;
    const other = others.get(keyOf(row, question));
    if (other?.tokens === undefined || row.tokens === undefined || other.question !== row.question) return [];
    const { benchmark } = row;
    const index = firstDifference(row.tokens, other.tokens);
    const at = (tokens: readonly number[]) => (index === null ? null : (tokens[index] ?? null));
    // Prompts of different lengths part before the longer one ends.
    const prompt = Math.max(row.promptTokens ?? 0, other.promptTokens ?? 0);
    const inPrompt = index !== null && index < prompt;
    return [
      {
        benchmark,
        ...controlName(row),
        question,
        sample,
        token: index === null || inPrompt ? index : index - prompt,
        inPrompt,
        tokens: [at(row.tokens), at(other.tokens)],
      },
    ];
  });
}

/** Index of the first entry in which two lists differ, or of the first behind the shorter one; null where they are equal. */
export function firstDifference(a: readonly number[], b: readonly number[]): number | null {
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index++) if (a[index] !== b[index]) return index;
  return a.length === b.length ? null : shorter;
}

/** Rows with the numbers of their questions: those of a control stand in the benchmark's order. */
export function numbered(
  rows: readonly AnswerRow[],
): readonly { readonly row: AnswerRow; readonly question: number }[] {
  const counts = new Map<string, number>();
  return rows.map((row) => {
    const key = keyOf(row, 0);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return { row, question: row.number ?? count };
  });
}

const keyOf = (row: AnswerRow, question: number): string =>
  JSON.stringify([row.benchmark, controlKey(row), row.sample ?? 1, question]);
