import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestOf } from '../documents/digest.ts';
import { StintError } from '../errors/stint-error.ts';
import type { RunHistory } from '../ports/store.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { RunRecord } from '../run/run-record.ts';

/** What a run's folder keeps of its record. */
export interface KeptRun {
  /** What it was asked to be; null where an earlier Stint has launched it, or another program has made the folder. */
  readonly record: RunRecord | null;
  /** As its cluster was last told that it may forget something of it, or as it last came to rest; null before that. */
  readonly history: RunHistory | null;
  /** Files that should tell of it and cannot be read. */
  readonly unreadable: readonly string[];
}

/** Beside the results in each run's folder stands what its record was, so that a store that is lost can be made again. */
export interface RunManifests {
  /**
   * Keeps what a run was asked to be, before it is recorded. What is kept already stays.
   *
   * @throws StintError `manifest-not-written`.
   */
  readonly begin: (record: RunRecord) => Promise<void>;
  /** Keeps what is recorded of it by now. Whoever is late with less takes nothing away. */
  readonly keep: (run: RunPlace, history: RunHistory) => Promise<void>;
  /** Ids of all whose folders lie where the profile has those of its runs, in order. */
  readonly list: (profile: ClusterProfile) => Promise<readonly string[]>;
  readonly read: (run: RunPlace) => Promise<KeptRun>;
}

type RunPlace = Pick<RunRecord, 'id' | 'profile'>;

const FOLDER = 'record';
const RECORD = 'run.json';
/** Goes up when the files change so that an earlier Stint would misread them. */
const FORMAT = 1;
/** Of events and facts: neither ever becomes fewer. */
const HISTORY = /^history-(\d+)-(\d+)\.json$/;

/** @param folderOf - The run's folder. */
export function runManifests(folderOf: (run: RunPlace) => string): RunManifests {
  const place = (run: RunPlace, file = '') => join(folderOf(run), FOLDER, file);

  async function begin(record: RunRecord): Promise<void> {
    try {
      await makeFolder(folderOf(record), record.profile);
      if ((await filesIn(place(record))).includes(RECORD)) return;
      await write(place(record, RECORD), record);
    } catch (error) {
      throw notWritten(place(record, RECORD), error);
    }
  }

  async function keep(run: RunPlace, history: RunHistory): Promise<void> {
    const { events, facts } = history;
    const file = `history-${events.length}-${facts.length}.json`;
    await makeFolder(folderOf(run), run.profile);
    await write(place(run, file), history);
    for (const other of await filesIn(place(run)))
      if (other !== file && isWithin(other, events.length, facts.length)) await rm(place(run, other));
  }

  const list = async (profile: ClusterProfile): Promise<readonly string[]> => {
    const entries = await entriesOf(dirname(folderOf({ id: 'any', profile })));
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted();
  };

  async function read(run: RunPlace): Promise<KeptRun> {
    const unreadable: string[] = [];
    const record = await readRecord(place(run, RECORD), run.id, unreadable);
    const histories: RunHistory[] = [];
    for (const file of await filesIn(place(run)))
      if (HISTORY.test(file)) histories.push(...(await readHistory(place(run, file), unreadable)));
    return { record, history: merged(histories), unreadable };
  }

  return { begin, keep, list, read };
}

const isWithin = (file: string, events: number, facts: number): boolean => {
  const [, ofEvents = '', ofFacts = ''] = HISTORY.exec(file) ?? [];
  return ofEvents !== '' && Number(ofEvents) <= events && Number(ofFacts) <= facts;
};

/** Two processes may each have kept what the other had not. Events and facts only ever become more. */
function merged(histories: readonly RunHistory[]): RunHistory | null {
  const [newest] = histories.toSorted((a, b) => b.events.length - a.events.length);
  if (newest === undefined) return null;
  const facts = new Map(histories.flatMap((each) => each.facts.map((fact) => [fact.key, fact] as const)));
  const steps = histories.flatMap((each) => each.steps);
  const once = new Map(steps.map((step) => [`${step.attempt} ${step.step}`, step]));
  return { ...newest, facts: [...facts.values()], steps: [...once.values()] };
}

/** The stages of a run on a cluster write beside it, under another user's id. */
async function makeFolder(folder: string, { backend }: ClusterProfile): Promise<void> {
  await mkdir(join(folder, FOLDER), { recursive: true });
  if (backend?.kind === 'kubernetes') await chmod(folder, 0o777).catch(() => undefined);
}

/** Whole or not at all, and with a digest by which a file that was changed since is told. */
async function write(file: string, content: RunRecord | RunHistory): Promise<void> {
  const draft = `${file}.${process.pid}.partial`;
  await writeFile(draft, `${JSON.stringify({ format: FORMAT, sha256: digestOf(content), content })}\n`);
  await rename(draft, file);
}

const entriesOf = (folder: string) =>
  readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });

const filesIn = async (folder: string): Promise<readonly string[]> =>
  (await entriesOf(folder)).map(({ name }) => name).toSorted();

interface Envelope<T> {
  readonly format: number;
  /** Of `content`. */
  readonly sha256: string;
  readonly content: T;
}

async function readRecord(file: string, id: string, unreadable: string[]): Promise<RunRecord | null> {
  const record = await contentOf<RunRecord>(file, unreadable);
  if (record === null || record.id === id) return record;
  unreadable.push(file);
  return null;
}

async function readHistory(file: string, unreadable: string[]): Promise<readonly RunHistory[]> {
  const history = await contentOf<RunHistory>(file, unreadable);
  return history === null ? [] : [history];
}

/** What `write` has written, as its digest proves; null where it is not there, or is something else. */
async function contentOf<T>(file: string, unreadable: string[]): Promise<T | null> {
  try {
    const written = JSON.parse(await readFile(file, 'utf8')) as Envelope<T>;
    if (written.format === FORMAT && digestOf(written.content) === written.sha256) return written.content;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  }
  unreadable.push(file);
  return null;
}

function notWritten(file: string, error: unknown): StintError {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  return new StintError(
    {
      code: 'manifest-not-written',
      where: file,
      what: `what the run was asked to be cannot be written into its folder (${code})`,
      why: 'should the store be lost, the run is recorded again from there',
      todo: 'make room there or fix the permissions, and launch again; no run was recorded and no pod started',
    },
    { cause: error },
  );
}
