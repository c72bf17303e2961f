import { canonicalJson } from '../recipe/canonical.ts';
import type { FileEntry } from '../wire/stage-manifest.ts';
import type { Lineage } from './lineage.ts';

/** A registered result: verified files and what they were made from. */
export interface Checkpoint {
  readonly id: string;
  /** Content address of the list of files, whatever run or job specification made them. */
  readonly digest: string;
  readonly run: string;
  /** By path. */
  readonly files: readonly FileEntry[];
  readonly lineage: Lineage;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** sha256 of a text, as `sha256:` and 64 hex digits. */
export type Hash = (text: string) => string;

const byPath = (files: readonly FileEntry[]): readonly FileEntry[] =>
  files.toSorted((a, b) => (a.path < b.path ? -1 : 1));

export const checkpointDigest = (files: readonly FileEntry[], hash: Hash): string =>
  hash(canonicalJson(byPath(files).map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }))));

/**
 * The record of verified files. Its id follows from run and digest, so registering again names the same checkpoint,
 * and two runs that made the same bytes keep their own lineages.
 */
export function makeCheckpoint(
  files: readonly FileEntry[],
  lineage: Lineage,
  createdAt: number,
  hash: Hash,
): Checkpoint {
  const digest = checkpointDigest(files, hash);
  const id = `c-${hash(canonicalJson([lineage.run, digest])).slice('sha256:'.length, 'sha256:'.length + 12)}`;
  return { id, digest, run: lineage.run, files: byPath(files), lineage, createdAt };
}
