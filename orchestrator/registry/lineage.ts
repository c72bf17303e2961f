import type { Model } from '../recipe/model.ts';

/** What a checkpoint was made from; each part names content, so that equal lineages mean equal inputs. */
export interface Lineage {
  /** Digest of the recipe's canonical JSON. */
  readonly recipe: string;
  /** sha256 of the prepared records. */
  readonly dataset: string;
  /** `repository@revision`, or the digest of an architecture that was trained from scratch. */
  readonly model: string;
  /** The trainer that ran: image digest, or version and commit of the checkout. */
  readonly code: string;
  readonly run: string;
}

/** `digest` is the content address of a JSON value. */
export function modelReference(model: Model, digest: (value: unknown) => string): string {
  return model.kind === 'pretrained'
    ? `${model.repository}@${model.revision}`
    : `scratch@${digest({ architecture: model.architecture, initializerRange: model.initializerRange })}`;
}
