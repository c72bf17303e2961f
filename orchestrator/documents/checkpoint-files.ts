import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { StintError } from '../errors/stint-error.ts';
import { type CheckpointHeaders, checkHeaders, INDEX } from '../registry/check-headers.ts';
import type { FileFinding } from '../registry/finding.ts';
import type { Tensor } from '../registry/safetensors-header.ts';
import { parseJson } from '../wire/parse-json.ts';
import type { FileEntry } from '../wire/stage-manifest.ts';
import { inspectFile } from './inspect-file.ts';

/** The manifest lists the other files; it cannot hold its own digest. */
const MANIFEST = 'manifest.json';

/** Findings after which the tensors of the whole cannot be judged, because some were not read. */
const OBSCURING: ReadonlySet<FileFinding['kind']> = new Set([
  'missing-file',
  'unreadable-file',
  'size-differs',
  'bad-header',
]);

/**
 * Reads every byte of a checkpoint once: its files are those of the manifest, each with its size and sha256, and its
 * tensors are those that its configuration asks for, all finite.
 *
 * @returns All that is wrong; nothing, when the checkpoint is whole.
 * @throws StintError `checkpoint-missing` when the folder cannot be read at all.
 */
export async function checkFiles(
  folder: string,
  manifest: readonly FileEntry[],
): Promise<readonly FileFinding[]> {
  const present = await listFiles(folder);
  const findings: FileFinding[] = [];
  const tensors = new Map<string, readonly Tensor[]>();
  for (const entry of manifest) {
    const { path } = entry;
    if (!present.has(path)) {
      findings.push({
        kind: 'missing-file',
        path,
        message: `${path}: the manifest lists it, and it is not there`,
      });
      continue;
    }
    const inspected = await inspectFile(join(folder, path), entry);
    findings.push(...inspected.findings);
    if (inspected.tensors) tensors.set(path, inspected.tensors);
  }
  const listed = new Set(manifest.map(({ path }) => path));
  for (const path of present)
    if (!listed.has(path) && path !== MANIFEST)
      findings.push({
        kind: 'extra-file',
        path,
        message: `${path}: it is there, and the manifest does not list it`,
      });
  if (findings.some(({ kind }) => OBSCURING.has(kind))) return findings;
  return [...findings, ...checkHeaders(await readDescription(folder, present, tensors))];
}

async function listFiles(folder: string): Promise<ReadonlySet<string>> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    return new Set(
      files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll(sep, '/')),
    );
  } catch (cause) {
    throw new StintError(
      {
        code: 'checkpoint-missing',
        what: 'the folder of the checkpoint cannot be read',
        where: folder,
        why: cause instanceof Error ? cause.message : String(cause),
        todo: 'put it back where it was, or mount the volume that holds it',
      },
      { cause },
    );
  }
}

async function readDescription(
  folder: string,
  present: ReadonlySet<string>,
  tensors: CheckpointHeaders['tensors'],
): Promise<CheckpointHeaders> {
  // Null, which no schema takes, where the text is no JSON.
  const read = async (path: string) =>
    present.has(path) ? (parseJson(await readFile(join(folder, path), 'utf8')) ?? null) : undefined;
  return { config: await read('config.json'), index: await read(INDEX), tensors };
}
