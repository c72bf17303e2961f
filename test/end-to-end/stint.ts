import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { commandOf, PRINTED, ProblemsSchema } from '../../orchestrator/contract/printed.ts';

export const BIN = fileURLToPath(new URL('../../bin/stint.mjs', import.meta.url));
export const RECIPES = fileURLToPath(new URL('recipes/', import.meta.url));

export const newHome = (): Promise<string> => mkdtemp(join(tmpdir(), 'stint-end-to-end-'));

/** As a user's shell would, and never on the store that this shell names. */
const AS_A_USER = { reject: false, stdin: 'ignore', env: { STINT_STORE: '', STINT_HOME: '' } } as const;

/** Of homes whose commands ask a server, or another store. */
const ENVIRONMENTS = new Map<string, Readonly<Record<string, string>>>();

/** From now on the commands of this home find these variables set. */
export const inEnvironment = (home: string, variables: Readonly<Record<string, string>>): void =>
  void ENVIRONMENTS.set(home, variables);

export const startStint = (home: string, ...args: string[]) =>
  execa(process.execPath, [BIN, '--home', home, ...args], {
    ...AS_A_USER,
    env: { ...AS_A_USER.env, ...ENVIRONMENTS.get(home) },
  });

/** In somebody's own folder, which is where its home is then. */
export async function stintIn(folder: string, ...args: string[]): Promise<Ended> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [BIN, ...args], {
    ...AS_A_USER,
    cwd: folder,
  });
  return { code: exitCode, stdout, stderr };
}

export interface Ended {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export async function stint(home: string, ...args: string[]): Promise<Ended> {
  const { exitCode, stdout, stderr } = await startStint(home, ...args);
  return { code: exitCode, stdout, stderr };
}

/** Runs a command with `--json` and gives its document, which is what its schema says. */
export async function stintJson<T>(home: string, ...args: string[]): Promise<T> {
  const { stdout, stderr } = await stint(home, ...args, '--json');
  const document = documentIn(stdout);
  if (document === undefined) throw new Error(`no JSON from stint ${args.join(' ')}: ${stdout}${stderr}`);
  const name = commandOf(args);
  if (name !== undefined && !ProblemsSchema.safeParse(document).success) PRINTED[name].parse(document);
  return document as T;
}

function documentIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Process ids of everything that works on runs of this home, whoever its parent is. */
export async function podProcesses(home: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.includes(`STINT_WORK=${home}`) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

/** Looks again and again until it is so, and fails with `what` when it has not become so in time. */
export async function until(what: string, isSo: () => Promise<boolean>, seconds = 240): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}

/** Looks at a run until it is in that state. @throws Error that says what it was when last seen. */
export async function untilState(home: string, run: string, state: string): Promise<ShownRun> {
  let shown = await showRun(home, run);
  for (const end = Date.now() + 240_000; shown.state !== state; shown = await showRun(home, run)) {
    if (Date.now() > end) throw new Error(`not ${state} within 240 s: ${JSON.stringify(shown)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return shown;
}

export interface ShownRun {
  readonly id: string;
  readonly state: string;
  readonly message: string | null;
  readonly budgets: readonly unknown[];
  readonly steps: number;
  readonly gpuMilliseconds: number;
  readonly checkpoint: string | null;
  readonly workFolder: string;
  readonly attempts: readonly {
    readonly number: number;
    readonly endedAt: string | null;
    readonly cause: string | null;
  }[];
  readonly phases: Readonly<Record<string, number>>;
}

export const showRun = (home: string, run: string): Promise<ShownRun> => stintJson(home, 'runs', 'show', run);

/** What a run on this machine has answered, a row for each answer. */
export async function samplesOf<Row>(home: string, run: string): Promise<readonly Row[]> {
  const file = join(home, 'local', 'volumes', 'work', 'runs', run, 'evaluation', 'samples.jsonl');
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Row);
}

/** The id that a launch has printed of its only checkpoint. */
export const checkpointIn = (printed: string): string =>
  /^checkpoint of .*: (c-[0-9a-f]{12})$/m.exec(printed)?.[1] ?? '';

/** Highest optimizer step that is in the events of a run's training pods. */
export async function stepReached(home: string): Promise<number> {
  const runs = join(home, 'local', 'volumes', 'work', 'runs');
  const [run] = await readdir(runs).catch(() => []);
  const events = join(runs, run ?? 'none', 'events');
  const files = (await readdir(events).catch(() => [])).filter((file) => file.startsWith('train-'));
  const texts = await Promise.all(files.map((file) => readFile(join(events, file), 'utf8')));
  const steps = texts.flatMap((text) =>
    [...text.matchAll(/"step": ?(\d+)/g)].map((match) => Number(match[1])),
  );
  return Math.max(0, ...steps);
}
