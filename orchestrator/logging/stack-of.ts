import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLACE = /(file:\/\/[^\s()]+|\/[^\s()]+\.js):(\d+):(\d+)/g;

interface Mapped {
  readonly map: SourceMap;
  readonly folder: string;
}

/** By place, of what stood in a stack so far; null: nothing stands beside it, because it is a source itself, or a package's. */
const mapped = new Map<string, Mapped | null>();

/** Where an error comes from, for its authors: in the sources, also where set-up has put these into other files. */
export function stackOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return stack.replace(PLACE, (place: string, at: string, line: string, column: string) => {
    const file = mappedFile(at);
    const found = file?.map.findOrigin(Number(line), Number(column));
    return file && found && 'fileName' in found
      ? `${resolve(file.folder, found.fileName)}:${found.lineNumber}:${found.columnNumber}`
      : place;
  });
}

/** What fails again and again is written down each time: its files are read once. */
function mappedFile(at: string): Mapped | null {
  const known = mapped.get(at);
  if (known !== undefined) return known;
  const read = readMapped(at);
  mapped.set(at, read);
  return read;
}

function readMapped(at: string): Mapped | null {
  try {
    const file = at.startsWith('file:') ? fileURLToPath(at) : at;
    return { map: new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8'))), folder: dirname(file) };
  } catch {
    return null;
  }
}
