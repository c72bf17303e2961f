import type { FineTune } from '../recipe/fine-tune.ts';
import type { Inspection } from '../wire/inspection.ts';
import type { Prepared, PreparedEvaluation } from '../wire/prepared.ts';

/** The data lies here: it was read and tokenised as prepare will do it. */
export interface Inspected {
  readonly inspection: Inspection;
}

/** Data, or the tokenizer that would measure it, are not here. */
export interface NotHere {
  /** What is missing, and what to do; null where the recipe's own knowledge does as well. */
  readonly why: string | null;
  /** sha256 of the model's tokenizer, where that is here. */
  readonly tokenizer: string | null;
}

/** What is known of a recipe's data beyond what the recipe says of it. */
export type Evidence = Prepared | Inspected | NotHere;

/** The same of questions alone. */
export type QuestionEvidence = Evidence | PreparedEvaluation;

export type EvidenceOf = (recipe: FineTune) => Evidence | undefined;

/** What reading has shown, where it was read here. */
export const inspectionOf = (evidence: QuestionEvidence | undefined): Inspection | undefined =>
  evidence !== undefined && 'inspection' in evidence ? evidence.inspection : undefined;

/** Rows of the model's embedding as its tokenizer has them; undefined where it is not here. */
export function knownVocabulary(evidence?: Evidence): number | undefined {
  if (evidence === undefined || 'why' in evidence) return undefined;
  return 'inspection' in evidence ? evidence.inspection.tokenizer?.vocabularySize : evidence.vocabularySize;
}
