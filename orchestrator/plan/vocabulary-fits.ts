import type { Model } from '../recipe/model.ts';
import { formatInteger } from '../units/format.ts';
import { inspectionOf, type QuestionEvidence } from './evidence.ts';
import type { Verdict } from './plan.ts';

/** Undefined where every token that the tokenizer may write has a row of the embedding, and where nobody has looked. */
export function vocabularyFits(
  { architecture }: Model,
  evidence: QuestionEvidence | undefined,
): Verdict | undefined {
  const found = inspectionOf(evidence);
  const tokens = found?.tokenizer?.vocabularySize;
  const rows = architecture.vocabularySize ?? found?.architecture?.vocabularySize;
  if (tokens === undefined || rows === undefined || tokens <= rows) return undefined;
  return {
    name: 'vocabulary-fits',
    ok: false,
    refuses: true,
    message: `the tokenizer has ${formatInteger(tokens)} tokens, and the model’s embedding ${formatInteger(rows)} rows: put the model’s own tokenizer into its folder`,
  };
}
