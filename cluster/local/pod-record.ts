import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { parseTermination } from '../../orchestrator/wire/termination.ts';
import { errorCode } from './error-code.ts';
import { END, POD, runFolder, START } from './layout.ts';
import { readWritten, writeOnce } from './write-once.ts';

/** `pod.json`: who the pod is and since when it holds its devices. */
export type PodIdentity = Omit<
  PodFacts,
  'phase' | 'startedAt' | 'endedAt' | 'exitCode' | 'signal' | 'termination'
>;

/** `start.json`: whoever writes it decides whether the command is started at all; null: it never will be. */
export interface PodStart {
  readonly startedAt: number | null;
}

/** `end.json`: written when no process of the pod is alive any more. */
export interface PodEnd {
  readonly phase: 'succeeded' | 'failed' | 'lost';
  readonly endedAt: number;
  readonly exitCode?: number;
  readonly signal?: string;
  /** What the container left at its terminationMessagePath, or what is said in its place. */
  readonly message?: string;
}

export interface PodRecord {
  readonly folder: string;
  readonly facts: PodFacts;
}

export async function readPod(folder: string): Promise<PodRecord | undefined> {
  const identity = await readWritten<PodIdentity>(join(folder, POD));
  if (identity === undefined) return undefined;
  const start = await readWritten<PodStart>(join(folder, START));
  const end = await readWritten<PodEnd>(join(folder, END));
  return { folder, facts: podFacts(identity, start, end) };
}

function podFacts(identity: PodIdentity, start: PodStart | undefined, end: PodEnd | undefined): PodFacts {
  const startedAt = start?.startedAt ?? undefined;
  const begun = startedAt === undefined ? {} : { startedAt };
  if (end === undefined)
    return { ...identity, phase: startedAt === undefined ? 'pending' : 'running', ...begun };
  const { message, ...ended } = end;
  return { ...identity, ...begun, ...ended, ...parsedTermination(message) };
}

/** A message that is missing or not of the contract says nothing; the exit code remains. */
function parsedTermination(message: string | undefined): Pick<PodFacts, 'termination'> {
  const termination = parseTermination(message ?? '');
  return termination ? { termination } : {};
}

/** Every pod of the run, oldest first. */
export async function readPods(root: string, run: string): Promise<readonly PodRecord[]> {
  const jobs = await subfolders(runFolder(root, run));
  const pods = await Promise.all(jobs.map(readJob));
  return pods.flat().toSorted((a, b) => a.facts.boundAt - b.facts.boundAt || compare(a.folder, b.folder));
}

export async function readJob(folder: string): Promise<readonly PodRecord[]> {
  const pods = await Promise.all((await subfolders(folder)).map(readPod));
  return pods.filter((pod) => pod !== undefined).toSorted((a, b) => a.facts.index - b.facts.index);
}

/** Records how the pod ended, unless that is known already, and tells whoever watches the run. */
export async function recordEnd(folder: string, end: PodEnd): Promise<void> {
  if (await writeOnce(join(folder, END), end)) await ringBell(folder);
}

/** A change in a pod's folder is a change of the run: one file tells all watchers, so none needs a watch on each pod. */
export const ringBell = (folder: string): Promise<void> =>
  writeFile(join(dirname(dirname(folder)), 'bell'), String(Date.now()));

async function subfolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => join(folder, entry.name));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
