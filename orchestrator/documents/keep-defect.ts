import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Keeps what is needed to fix a defect: in the home's logs, or among temporary files where there is no home or it cannot
 * be written. Gives the file, or null where nothing could be kept.
 */
export function keepDefect(home: string, text: string, now: Date): string | null {
  const name = `stint-defect-${now.toISOString().replaceAll(':', '-')}-${process.pid}.log`;
  const folders = [...(existsSync(home) ? [join(home, 'logs')] : []), tmpdir()];
  for (const folder of folders) {
    try {
      mkdirSync(folder, { recursive: true });
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    } catch {
      // The next place may take it.
    }
  }
  return null;
}
