import type { ControlResult } from '../wire/evaluation-result.ts';

/** A control's result, by question: answers to one question resemble each other, so questions are what is counted. */
export interface QuestionScores {
  /** Answers to each. */
  readonly samples: number;
  /** Share of its answers that are right. */
  readonly accuracy: readonly number[];
  /** Mean of its answers. */
  readonly thinkingTokens: readonly number[];
}

export function questionScores({ samples = 1, correct, thinkingTokens }: ControlResult): QuestionScores {
  const share = (sum: number) => sum / samples;
  return { samples, accuracy: correct.map(share), thinkingTokens: thinkingTokens.map(share) };
}
