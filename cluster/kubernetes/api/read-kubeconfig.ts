import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Cluster, KubeConfig, loadYaml, type User } from '@kubernetes/client-node';
import { z } from 'zod';
import { StintError } from '../../../orchestrator/errors/stint-error.ts';
import type { ImpersonatingUser } from './impersonation.ts';

/** What client-node does not take over from a kubeconfig, by the names that it has there. */
interface Layout {
  readonly users?:
    | readonly {
        readonly name: string;
        readonly user?: { readonly tokenFile?: string } & NonNullable<ImpersonatingUser['impersonates']>;
      }[]
    | null;
  readonly clusters?: readonly Named[] | null;
  readonly contexts?: readonly Named[] | null;
}
interface Named {
  readonly name?: unknown;
}

/** A file, and the entries of it that nothing can be made of: who asks for another one is not troubled by them. */
export interface Kubeconfig {
  readonly config: KubeConfig;
  readonly incomplete: { readonly clusters: readonly string[]; readonly contexts: readonly string[] };
}

/**
 * One file, read as kubectl reads it. What it names by a relative path lies beside it, the command of a credential plugin
 * included; what stands in the file counts before what it names. Undefined where it is empty, which kubectl passes over.
 *
 * @throws StintError `kubeconfig-unusable`
 */
export function readKubeconfig(file: string): Kubeconfig | undefined {
  const config = new KubeConfig();
  let layout: Layout;
  try {
    const text = readFileSync(file, 'utf8');
    if (text.trim() === '') return undefined;
    layout = layoutOf(loadYaml<unknown>(text));
    config.loadFromString(text, { onInvalidEntry: 'filter' });
    config.makePathsAbsolute(dirname(file));
    const written = new Map(layout.users?.map(({ name, user }) => [name, user ?? {}]));
    config.clusters = config.clusters.map(dataFirst);
    config.users = config.users.map((user) => completed(user, written.get(user.name) ?? {}, dirname(file)));
  } catch (error) {
    throw notReadable(file, error);
  }
  return {
    config,
    incomplete: {
      clusters: missing(layout.clusters, config.clusters),
      contexts: missing(layout.contexts, config.contexts),
    },
  };
}

function layoutOf(content: unknown): Layout {
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new Error('it holds no fields');
  return content;
}

const missing = (written: readonly Named[] | null | undefined, read: readonly Named[]): readonly string[] =>
  (written ?? [])
    .map((entry) => String((entry as Named | null)?.name))
    .filter((name) => !read.some((entry) => entry.name === name));

/** Client-node reads a file that is named before the data beside it, and kubectl the data. */
function dataFirst({ caFile, ...cluster }: Cluster): Cluster {
  return { ...cluster, ...(caFile && !cluster.caData && { caFile }) };
}

function completed(
  { certFile, keyFile, token, ...user }: User,
  { tokenFile, ...written }: NonNullable<NonNullable<Layout['users']>[number]['user']>,
  folder: string,
): ImpersonatingUser {
  const plugin = user.exec as { command?: string } | null | undefined;
  if (plugin?.command?.includes('/')) plugin.command = resolve(folder, plugin.command);
  const fresh = tokenFile ? resolve(folder, tokenFile) : undefined;
  // The file of a token is written anew when that expires: one that can be read counts before what was written once.
  const isFresh = fresh !== undefined && (!token || isRead(fresh));
  return {
    ...user,
    ...(certFile && !user.certData && { certFile }),
    ...(keyFile && !user.keyData && { keyFile }),
    // Client-node knows a token's file only of the pod that it runs in.
    ...(isFresh ? { authProvider: { name: 'tokenFile', config: { tokenFile: fresh } } } : token && { token }),
    impersonates: impersonated(user.name, written),
  };
}

/** Whether a file can be read. */
function isRead(file: string): boolean {
  try {
    return readFileSync(file, 'utf8') !== '';
  } catch {
    return false;
  }
}

const ImpersonatesSchema = z.object({
  'as-uid': z.string().nullish(),
  'as-groups': z.array(z.string()).nullish(),
  'as-user-extra': z.record(z.string(), z.array(z.string())).nullish(),
});

/** A text in the place of a list would be taken for a list of its letters. */
function impersonated(user: string, written: object): NonNullable<ImpersonatingUser['impersonates']> {
  const parsed = ImpersonatesSchema.safeParse(written);
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path[0]);
  throw new Error(`${field} of the user "${user}" is not what a kubeconfig has there`);
}

function notReadable(file: string, error: unknown): StintError {
  return new StintError(
    {
      code: 'kubeconfig-unusable',
      where: file,
      what: `the kubeconfig ${file} cannot be read: ${inWords(error as NodeJS.ErrnoException)}`,
      why: 'the profile says that its jobs run on Kubernetes',
      todo: 'correct the file, or set KUBECONFIG to the one that `kubectl` uses for this cluster',
    },
    { cause: error },
  );
}

/** What a program says of its own values tells nobody what to write. */
function inWords(error: NodeJS.ErrnoException): string {
  if (error.code === 'EISDIR') return 'it is a folder';
  if (error instanceof TypeError) return 'a field of it is not what a kubeconfig has there';
  const [line = ''] = error.message.split('\n');
  return line === 'Failed to load YAML' ? 'it holds no fields' : line;
}
