import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { FileFinding } from '../registry/finding.ts';
import { firstNonFinite } from '../registry/finite-values.ts';
import {
  elementBytes,
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  readHeader,
  type Tensor,
} from '../registry/safetensors-header.ts';
import type { FileEntry } from '../wire/stage-manifest.ts';

/** A multiple of every element's size, so that no element is torn. */
const CHUNK_BYTES = 4 << 20;

export interface InspectedFile {
  readonly findings: readonly FileFinding[];
  /** Of a safetensors file whose header is sound. */
  readonly tensors?: readonly Tensor[];
}

/** One pass over a file: its size and sha256, and of a safetensors file its header and whether all values are finite. */
export async function inspectFile(file: string, entry: FileEntry): Promise<InspectedFile> {
  const { path } = entry;
  try {
    await using handle = await open(file, 'r');
    const { size } = await handle.stat();
    if (size !== entry.bytes) {
      const message = `${path}: ${size} bytes; the manifest says ${entry.bytes}`;
      return { findings: [{ kind: 'size-differs', path, message }] };
    }
    const hash = createHash('sha256');
    const content = path.endsWith('.safetensors')
      ? await inspectTensors(handle, path, size, hash)
      : await hashRange(handle, 0, size, hash).then(() => ({ findings: [] }));
    const digest = `sha256:${hash.digest('hex')}`;
    if (digest === entry.sha256) return content;
    const message = `${path}: its sha256 is ${digest}; the manifest says ${entry.sha256}`;
    return { ...content, findings: [{ kind: 'digest-differs', path, message }, ...content.findings] };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return { findings: [{ kind: 'unreadable-file', path, message: `${path}: ${error.message}` }] };
  }
}

async function inspectTensors(
  file: FileHandle,
  path: string,
  size: number,
  hash: Hash,
): Promise<InspectedFile> {
  const length =
    size < LENGTH_BYTES ? -1 : Number((await readRange(file, 0, LENGTH_BYTES)).readBigUInt64LE());
  const dataBegin = LENGTH_BYTES + length;
  if (length < 0 || length > MAX_HEADER_BYTES || dataBegin > size) {
    await hashRange(file, 0, size, hash);
    const message = `${path}: a file of ${size} bytes has no room for a header of ${length} bytes`;
    return { findings: [{ kind: 'bad-header', path, message }] };
  }
  const header = await readRange(file, LENGTH_BYTES, length);
  const { tensors, findings } = readHeader(path, header.toString('utf8'), dataBegin, size);
  if (findings.length > 0) {
    await hashRange(file, 0, size, hash);
    return { findings };
  }
  await hashRange(file, 0, dataBegin, hash);
  const nonFinite: FileFinding[] = [];
  for (const tensor of tensors) {
    const found = await hashTensor(file, path, tensor, hash);
    if (found) nonFinite.push(found);
  }
  return { findings: nonFinite, tensors };
}

async function hashTensor(
  file: FileHandle,
  path: string,
  tensor: Tensor,
  hash: Hash,
): Promise<FileFinding | null> {
  const { name, dataType, begin, end } = tensor;
  let place = -1;
  await hashRange(file, begin, end, hash, (chunk, offset) => {
    if (place >= 0) return;
    const found = firstNonFinite(dataType, chunk);
    if (found >= 0) place = found + offset / elementBytes(dataType);
  });
  if (place < 0) return null;
  const message = `${path}: ${name}: element ${place} is not finite`;
  return { kind: 'non-finite-tensor', path, tensor: name, message };
}

/** Hashes the bytes from `begin` to `end`, reading one chunk while the one before is worked on. */
async function hashRange(
  file: FileHandle,
  begin: number,
  end: number,
  hash: Hash,
  onChunk: (chunk: Uint8Array, offset: number) => void = () => undefined,
): Promise<void> {
  const read = (at: number) => readRange(file, at, Math.min(CHUNK_BYTES, end - at));
  let next = read(begin);
  for (let at = begin; at < end; at += CHUNK_BYTES) {
    const chunk = await next;
    if (at + CHUNK_BYTES < end) next = read(at + CHUNK_BYTES);
    hash.update(chunk);
    onChunk(chunk, at - begin);
  }
}

async function readRange(file: FileHandle, begin: number, length: number): Promise<Buffer> {
  // Its own memory: a slice of Node's shared pool may begin where no array of wider elements can.
  const buffer = Buffer.allocUnsafeSlow(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, begin + filled);
    if (bytesRead === 0)
      throw Object.assign(new Error('the file became shorter while it was read'), { code: 'EOF' });
    filled += bytesRead;
  }
  return buffer;
}
