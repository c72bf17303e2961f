import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface HubSnapshot {
  readonly folder: string;
  /** Full hash. */
  readonly commit: string;
}

/** Where hub clients keep what they have fetched, the first place first (huggingface_hub, `constants.HF_HUB_CACHE`). */
function cacheFolders(): readonly string[] {
  const { HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = process.env;
  if (HF_HUB_CACHE) return [HF_HUB_CACHE];
  const home = HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface');
  return [join(home, 'hub')];
}

/**
 * A repository that a hub client has fetched to this machine at a commit, or at the one that a name (`main`) stood for
 * then; null where it has not.
 */
export async function findHubSnapshot(
  kind: 'models' | 'datasets',
  repository: string,
  revision: string,
): Promise<HubSnapshot | null> {
  for (const cache of cacheFolders()) {
    const place = join(cache, `${kind}--${repository.replaceAll('/', '--')}`);
    const noted = await readFile(join(place, 'refs', revision), 'utf8').catch(() => revision);
    const commit = noted.trim();
    const folder = join(place, 'snapshots', commit);
    if ((await stat(folder).catch(() => undefined))?.isDirectory()) return { folder, commit };
  }
  return null;
}
