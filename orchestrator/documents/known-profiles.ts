import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHIPPED = fileURLToPath(new URL('../../cluster/profiles/', import.meta.url));

/** Files of the profiles that have names, by name: those in `clusters` of the home go before those that Stint ships. */
export async function knownProfiles(home: string | undefined): Promise<ReadonlyMap<string, string>> {
  const folders = [SHIPPED, ...(home === undefined ? [] : [join(home, 'clusters')])].filter((folder) =>
    existsSync(folder),
  );
  const named = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(folder))
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => [basename(file, '.yaml'), join(folder, file)] as const),
    ),
  );
  return new Map(named.flat());
}
