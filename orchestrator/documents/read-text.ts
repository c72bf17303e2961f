import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Problem, StintError } from '../errors/stint-error.ts';

/** What people write by hand has kilobytes; what is larger is another file than the one that was meant. */
const MOST_BYTES = 256 << 10;
/** Marks of the encodings that YAML 1.2 knows beside UTF-8 (section 5.2). */
const ENCODINGS = [
  { mark: [0xff, 0xfe], encoding: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'utf-16be' },
] as const;

/**
 * The text of a file that a person wrote: UTF-8, or UTF-16 with its byte order mark.
 *
 * @throws StintError `file-not-readable` where there is no such file or it cannot be read, `file-too-large`, and
 * `file-not-text` with the line of the first byte that belongs to no text.
 */
export async function readText(file: string): Promise<string> {
  const bytes = await readBounded(file);
  if (bytes.length > MOST_BYTES)
    throw unusable(file, {
      code: 'file-too-large',
      what: `${file} is larger than ${MOST_BYTES >> 10} KiB`,
      why: 'expected a YAML file that a person wrote, of some kilobytes',
      todo: 'check that this is the file that you meant',
    });
  const encoding = ENCODINGS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte))?.encoding;
  const text = decode(bytes, encoding ?? 'utf-8');
  const nul = text?.indexOf('\0') ?? -1;
  if (text !== null && nul < 0) return text;
  const before = text === null ? validPart(bytes) : text.slice(0, nul);
  throw notText(file, before, text === null && encoding === undefined);
}

async function readBounded(file: string): Promise<Buffer> {
  try {
    // Opening a pipe waits for its writer, as `<(…)` of a shell is one; a folder opens and then cannot be read.
    await using handle = await open(file, constants.O_RDONLY);
    return await readAtMost(handle, MOST_BYTES + 1);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw unusable(
      file,
      { code: 'file-not-readable', what: whyUnreadable(file, code, error), todo: todoUnreadable(file, code) },
      error,
    );
  }
}

async function readAtMost(handle: FileHandle, most: number): Promise<Buffer> {
  const buffer = Buffer.alloc(most);
  for (let filled = 0; ; ) {
    const { bytesRead } = await handle.read(buffer, filled, most - filled, null);
    filled += bytesRead;
    if (bytesRead === 0 || filled === most) return buffer.subarray(0, filled);
  }
}

function whyUnreadable(file: string, code: string | undefined, error: unknown): string {
  if (file === '') return 'the name of the file is empty';
  if (code === 'ENOENT' || code === 'ENOTDIR') return `there is no file ${file}`;
  if (code === 'EISDIR') return `${file} is a folder`;
  if (code === 'EACCES' || code === 'EPERM') return `${file} may not be read by this user`;
  return `${file} cannot be read (${code ?? String(error)})`;
}

function todoUnreadable(file: string, code: string | undefined): string {
  if (file === '') return 'name a file; what the shell put there may be a variable that is not set';
  return code === 'EISDIR' ? 'name a YAML file in it' : 'check the path and its permissions';
}

function decode(bytes: Buffer, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The longest beginning that is UTF-8. */
function validPart(bytes: Buffer): string {
  const text = new TextDecoder('utf-8').decode(bytes);
  // Where a file itself has the replacement character in front of what is broken, an earlier line is named.
  return text.slice(0, text.indexOf('\uFFFD'));
}

function notText(file: string, before: string, isUnknownEncoding: boolean): StintError {
  const line = before.split(/\r\n|[\r\n]/).length;
  const column = before.length - Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r'));
  return unusable(`${file}:${line}:${column}`, {
    code: 'file-not-text',
    what: isUnknownEncoding
      ? 'there are bytes here that are no UTF-8'
      : 'there is a byte here that is in no text (NUL)',
    why: 'expected YAML in UTF-8, or in UTF-16 with a byte order mark',
    todo: 'save the file as UTF-8, or check that this is the file that you meant',
  });
}

const unusable = (where: string, problem: Omit<Problem, 'where'>, cause?: unknown): StintError =>
  new StintError({ ...problem, where }, { cause });
