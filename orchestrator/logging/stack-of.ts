import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLACE = /(file:\/\/[^\s()]+|\/[^\s()]+\.js):(\d+):(\d+)/g;

/** Where an error comes from, for its authors: in the sources, also where set-up has put these into other files. */
export function stackOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return stack.replace(PLACE, (place: string, at: string, line: string, column: string) => {
    try {
      const file = at.startsWith('file:') ? fileURLToPath(at) : at;
      const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
      const found = map.findOrigin(Number(line), Number(column));
      return 'fileName' in found
        ? `${resolve(dirname(file), found.fileName)}:${found.lineNumber}:${found.columnNumber}`
        : place;
    } catch {
      // Nothing stands beside it: it is a source itself, or a package's.
      return place;
    }
  });
}
