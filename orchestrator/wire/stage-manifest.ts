import { z } from 'zod';

const Sha256 = z.string().regex(/^sha256:[0-9a-f]{64}$/);

export const FileEntrySchema = z.object({
  /** Relative to the manifest's own folder, with forward slashes. */
  path: z.string().min(1),
  bytes: z.int().nonnegative(),
  sha256: Sha256,
});
export type FileEntry = z.infer<typeof FileEntrySchema>;

/** `manifest.json` in a stage's output folder: the files the next stage may read. Written last, by rename. */
export const StageManifestSchema = z.object({
  stage: z.enum(['prepare', 'train', 'export', 'evaluate', 'curate']),
  /** Digest of the job specification that made it. */
  spec: Sha256,
  files: z.array(FileEntrySchema),
});
export type StageManifest = z.infer<typeof StageManifestSchema>;
