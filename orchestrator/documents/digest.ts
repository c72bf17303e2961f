import { createHash } from 'node:crypto';
import { canonicalJson } from '../recipe/canonical.ts';

export const sha256 = (data: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(data).digest('hex')}`;

/** Content address of a JSON value: sha256 of its canonical text. */
export const digestOf = (value: unknown): string => sha256(canonicalJson(value));
