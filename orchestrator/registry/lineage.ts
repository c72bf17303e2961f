import type { Model } from '../recipe/model.ts';

interface LineageInput {
  readonly name: string;
  readonly sha256: string | null;
}

interface LineageInputs {
  readonly model: LineageInput | null;
  readonly dataset: LineageInput;
  readonly benchmarks: readonly LineageInput[];
}

/** What a checkpoint was made from; each part names content, so that equal lineages mean equal inputs. */
export interface Lineage {
  /** Digest of the recipe's canonical JSON. */
  readonly recipe: string;
  /** sha256 of the prepared records. */
  readonly dataset: string;
  /** `repository@revision`, `folder@sha256:…` of its content, or the digest of an architecture that was trained from scratch. */
  readonly model: string;
  /** The content of what it was made from and evaluated on. Absent of checkpoints that are older than that. */
  readonly inputs?: LineageInputs;
  /** The trainer that ran: image digest, or version and commit of the checkout. */
  readonly code: string;
  readonly run: string;
}

/** `digest` is the content address of a JSON value, `content` that of the model's files. */
export function modelReference(
  model: Model,
  digest: (value: unknown) => string,
  content: string | null = null,
): string {
  if (model.kind === 'pretrained') return `${model.repository}@${model.revision ?? content ?? 'unpinned'}`;
  return `scratch@${digest({ architecture: model.architecture, initializerRange: model.initializerRange })}`;
}
