import type { Model } from '../recipe/model.ts';
import { formatInteger } from '../units/format.ts';
import type { Inspection } from '../wire/inspection.ts';
import type { Evidence } from './evidence.ts';
import type { Verdict } from './plan.ts';

/** Undefined where every token that the tokenizer may write has a row of the embedding, and where nobody has looked. */
export function vocabularyFits({ architecture }: Model, evidence: Evidence | undefined): Verdict | undefined {
  const { tokenizer, architecture: found } = inspectionOf(evidence) ?? {
    tokenizer: null,
    architecture: null,
  };
  const rows = architecture.vocabularySize ?? found?.vocabularySize;
  if (tokenizer === null || rows === undefined || tokenizer.vocabularySize <= rows) return undefined;
  return {
    name: 'vocabulary-fits',
    ok: false,
    refuses: true,
    message: `the tokenizer has ${formatInteger(tokenizer.vocabularySize)} tokens, and the model’s embedding ${formatInteger(rows)} rows: put the model’s own tokenizer into its folder`,
  };
}

const inspectionOf = (evidence: Evidence | undefined): Inspection | undefined =>
  evidence !== undefined && 'inspection' in evidence ? evidence.inspection : undefined;
