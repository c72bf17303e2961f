import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { FoundFile } from './find-data-files.ts';
import { inTextOrder } from './text-order.ts';

/** What a model is made of: weights, architecture, tokenizer and how it decodes; not what is written about it. */
const MODEL_FILES: ReadonlySet<string> = new Set([
  'config.json',
  'generation_config.json',
  'model.safetensors.index.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'vocab.json',
  'merges.txt',
  'added_tokens.json',
  'chat_template.jinja',
]);

/** Where a pretrained model is. */
export type ModelPlace =
  /** A folder of this machine. */
  | { readonly kind: 'folder'; readonly folder: string; readonly files: readonly FoundFile[] }
  /** A folder that a cluster's volume may hold. */
  | { readonly kind: 'elsewhere'; readonly folder: string }
  | { readonly kind: 'hub' };

/** Why what a recipe names is no model. */
export interface NoModel {
  readonly code: 'model-folder-missing' | 'not-a-model' | 'revision-missing';
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}

const HUB_ID = /^[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*)?$/;

/** A folder that holds a model comes first; else, what looks like a hub's id and has a revision is one. */
export async function findModel(
  recipeFolder: string,
  repository: string,
  revision: string | undefined,
): Promise<ModelPlace | NoModel> {
  const folder = resolve(recipeFolder, repository);
  const there = await stat(folder).catch(() => undefined);
  const names = there?.isDirectory() ? await readdir(folder) : [];
  if (names.includes('config.json')) {
    const files = names.filter((name) => MODEL_FILES.has(name) || name.endsWith('.safetensors'));
    const byName = files.toSorted(inTextOrder).map((name) => ({ name, path: join(folder, name) }));
    return (await noFile(byName)) ?? { kind: 'folder', folder, files: byName };
  }
  const isId = HUB_ID.test(repository);
  if (isId && revision !== undefined) return { kind: 'hub' };
  if (there) return notAModel(folder, there.isDirectory());
  if (isAbsolute(repository)) return { kind: 'elsewhere', folder };
  return isId ? withoutRevision(repository, folder) : missing(folder);
}

/** A folder cannot be read, and of a pipe or a device no end may ever come. What cannot be looked at is told when it is read. */
async function noFile(files: readonly FoundFile[]): Promise<NoModel | undefined> {
  for (const { name, path } of files) {
    const there = await stat(path).catch(() => undefined);
    if (there === undefined || there.isFile()) continue;
    return {
      code: 'not-a-model',
      what: `${path} is ${there.isDirectory() ? 'a folder' : 'a pipe or a device'}, and no file`,
      why: `${name} is one of the files that make up a model`,
      todo: 'fetch or save the model again, or take away what has the name of its file',
    };
  }
  return undefined;
}

const notAModel = (folder: string, isFolder: boolean): NoModel => ({
  code: 'not-a-model',
  what: isFolder ? `the folder ${folder} holds no config.json` : `${folder} is a file`,
  why: 'a model is a folder with config.json, its tokenizer and its weights as *.safetensors',
  todo: isFolder
    ? 'name the folder in which these files lie, as `save_pretrained` or a download leaves it'
    : 'name the folder that holds it',
});

const missing = (folder: string): NoModel => ({
  code: 'model-folder-missing',
  what: `there is no folder ${folder}`,
  why: 'a model’s folder is looked up relative to the folder of its recipe',
  todo: 'put the model there or fix the path',
});

const withoutRevision = (repository: string, folder: string): NoModel => ({
  code: 'revision-missing',
  what: `there is no folder ${folder}, and as a hub’s repository ${repository} needs a revision`,
  why: 'a folder is pinned by the bytes of its files, a repository by a commit',
  todo: `add model.revision, the full hash of the commit to train from, or name the folder that holds the model`,
});
