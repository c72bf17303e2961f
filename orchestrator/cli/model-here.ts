import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findHubSnapshot } from '../documents/find-hub-snapshot.ts';
import { findModel } from '../documents/find-model-files.ts';
import { StintError } from '../errors/stint-error.ts';

/** A pretrained model that `--model` names, with its files on this machine. */
export interface ModelHere {
  readonly folder: string;
  /** A hub's repository and the commit that lies here; null for a folder of its own. */
  readonly hub: { readonly repository: string; readonly commit: string } | null;
}

/** A hub's `owner/name`, which a path below a folder may look like, too. */
const REPOSITORY = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/;

export const isRepository = (text: string): boolean => REPOSITORY.test(text);

/**
 * A folder with a config.json, else a repository that a hub client has fetched to this machine.
 *
 * @throws StintError `no-such-model`, with how to fetch it where it looks like a repository.
 */
export async function modelHere(named: string): Promise<ModelHere> {
  const found = await findModel(process.cwd(), named, undefined);
  if ('kind' in found && found.kind === 'folder') return { folder: found.folder, hub: null };
  const there = await stat(resolve(named)).catch(() => undefined);
  if (there === undefined && isRepository(named)) {
    const snapshot = await findHubSnapshot('models', named, 'main');
    if (snapshot !== null)
      return { folder: snapshot.folder, hub: { repository: named, commit: snapshot.commit } };
    throw new StintError({
      code: 'no-such-model',
      where: '--model',
      what: `there is no folder ${resolve(named)}, and no hub client has fetched the repository ${named} to this machine`,
      why: 'its config.json and tokenizer are needed to count the tokens of your data',
      todo: `name a model's folder, or fetch it with \`.venv/bin/hf download ${named}\` (for a plan \`--include "*.json"\` is enough)`,
    });
  }
  if ('what' in found)
    throw new StintError({
      code: 'no-such-model',
      where: '--model',
      what: found.what,
      why: 'a model is a folder with config.json, its tokenizer and its weights as *.safetensors',
      todo: 'name that folder, or a repository that a hub client has fetched (owner/name)',
    });
  throw new StintError({
    code: 'no-such-model',
    where: '--model',
    what: `there is no folder ${resolve(named)}`,
    todo: 'name the folder of a model, or a repository that a hub client has fetched (owner/name)',
  });
}
