import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where what can be made again is kept: in the home, or in the user's own cache while there is no home, because a command
 * that only looks makes none.
 */
export function cacheFolder(home: string): string {
  if (existsSync(home)) return join(home, 'cache');
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'stint');
}

/** The file that remembers digests of files. */
export const hashMemory = (home: string): string => join(cacheFolder(home), 'hashes.json');
