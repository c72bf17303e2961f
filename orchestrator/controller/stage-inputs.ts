import {
  chmod,
  constants,
  copyFile,
  link,
  mkdir,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FoundFile } from '../documents/find-data-files.ts';
import { hashFiles } from '../documents/input-files.ts';
import type { LoadedArm } from '../documents/load-recipe.ts';
import { placeContent, releaseContent } from '../documents/shared-content.ts';
import { StintError } from '../errors/stint-error.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';
import type { RunRecord } from '../run/run-record.ts';
import { type InputFile, type Inputs, InputsSchema, NO_INPUTS } from '../wire/inputs.ts';

/** What staging needs beside the arms: where each run's folder is, and what remembers digests of files. */
export interface Staging {
  readonly workFolder: (run: Pick<RunRecord, 'id' | 'profile'>) => string;
  readonly now: () => number;
  /** A file; null remembers nothing. */
  readonly hashes: string | null;
}

type NewRun = Pick<RunRecord, 'id' | 'profile'>;

/**
 * Puts what each run reads from this machine into its work folder, where its stages look for it: from then on what lies
 * there counts, whatever becomes of the originals. A model's folder stays where it is for runs of this machine; on a
 * cluster's volume each content lies once, whichever runs read it. All runs have their inputs afterwards, or none.
 *
 * @param arms - In the order of the records.
 * @throws StintError `inputs-not-staged` or `input-changed`.
 */
export async function stageInputs(
  staging: Staging,
  arms: readonly Arm[],
  records: readonly NewRun[],
): Promise<void> {
  try {
    for (const [index, record] of records.entries()) {
      const arm = arms[index];
      if (arm === undefined) throw new Error('each run is of an arm');
      await stageRun(staging, arm, record);
    }
  } catch (error) {
    await unstageInputs(staging, records);
    throw error;
  }
}

/** Takes the inputs of runs away that have not begun. */
export async function unstageInputs(
  { workFolder }: Pick<Staging, 'workFolder'>,
  records: readonly NewRun[],
): Promise<void> {
  for (const record of records) await rm(workFolder(record), { recursive: true, force: true });
}

async function stageRun(staging: Staging, arm: Arm, record: NewRun): Promise<void> {
  const work = staging.workFolder(record);
  const copies = copiesOf(arm, record.profile);
  const inputs = inputsOf(arm, record.profile);
  if (copies.length === 0 && inputs.model === null) return;
  const isShared = record.profile.backend.kind === 'kubernetes';
  if (isShared) await makeShared(work);
  for (const copy of copies) {
    const to = join(work, copy.to);
    try {
      await mkdir(dirname(to), { recursive: true });
      if (isShared) await share(staging, copy, to, contentFolder(work));
      else await copyFile(copy.from, to, constants.COPYFILE_FICLONE);
    } catch (error) {
      throw error instanceof StintError ? error : notStaged(copy.from, to, error);
    }
  }
  await writeList(work, await asCopied(work, inputs));
  if (isShared) await releaseContent(contentFolder(work), staging.now());
}

/** Beside the folder of all runs, on the same volume. */
const contentFolder = (work: string): string => join(work, '..', '..', 'content');

/** Of a model that lies on the cluster's volume already, no second copy of its weights is made. */
async function share(
  { hashes }: Staging,
  { from, isWeighty }: Copy,
  to: string,
  folder: string,
): Promise<void> {
  if (isWeighty && (await linked(from, to))) return;
  const [file] = await hashFiles([{ name: from, path: from }], hashes);
  if (file === undefined) throw new Error('one file has one digest');
  await placeContent(folder, file, to);
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(await realpath(from), to);
    return true;
  } catch {
    return false;
  }
}

function notStaged(from: string, to: string, error: unknown): StintError {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  return new StintError(
    {
      code: 'inputs-not-staged',
      where: to,
      what: `${from} cannot be copied to where the stages read it (${code})`,
      why: 'stages read copies, so that nothing changes under a run',
      todo: 'make room there or fix the permissions, and launch again; no run was recorded and no pod started',
    },
    { cause: error },
  );
}

/** What was staged for a run; nothing where its recipe names no file. */
export async function stagedInputs(work: string): Promise<Inputs> {
  try {
    return InputsSchema.parse(JSON.parse(await readFile(join(work, LIST), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return NO_INPUTS;
  }
}

/** Pods write beside what this process puts there, under another user's id. */
async function makeShared(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o777);
}

const FOLDER = 'inputs';
const LIST = `${FOLDER}/inputs.json`;

async function writeList(work: string, inputs: Inputs): Promise<void> {
  await mkdir(join(work, FOLDER), { recursive: true });
  const list = join(work, LIST);
  await writeFile(`${list}.partial`, `${JSON.stringify(inputs, null, 2)}\n`);
  await rename(`${list}.partial`, list);
}

/** With the digests of the copies: an original may change while it is copied. */
async function asCopied(work: string, inputs: Inputs): Promise<Inputs> {
  const hashed = async (files: readonly InputFile[]): Promise<InputFile[]> => {
    const copies = files.map(({ name, path }) => ({ name, path: join(work, path) }));
    const found = await hashFiles(copies, null);
    return files.map((file, index) => ({ ...file, sha256: found[index]?.sha256 ?? null }));
  };
  const benchmarks: Inputs['benchmarks'] = [];
  for (const { benchmark, files } of inputs.benchmarks)
    benchmarks.push({ benchmark, files: await hashed(files) });
  return { ...inputs, dataset: await hashed(inputs.dataset), benchmarks };
}

type Arm = Pick<LoadedArm<RunRecipe>, 'recipe' | 'inputs' | 'pinned'>;

/** Where an arm's stages will find what lies on this machine. */
export function inputsOf(
  { recipe, inputs, pinned }: Arm,
  { backend }: Pick<ClusterProfile, 'backend'>,
): Inputs {
  const { model, dataset, benchmarks, trainedOn } = inputs;
  const files = (found: readonly FoundFile[] | null, folder: string): InputFile[] =>
    (found ?? []).map((file, index) => ({
      name: file.name,
      path: placeOf(folder, file, index),
      sha256: null,
    }));
  return {
    model:
      model?.kind === 'folder' && recipe.model.kind === 'pretrained'
        ? {
            name: recipe.model.repository,
            path: backend.kind === 'local' ? model.folder : MODEL,
            sha256: pinned?.model?.sha256 ?? null,
          }
        : null,
    dataset: files(dataset, DATASET),
    benchmarks: benchmarks
      .map(({ benchmark, files: found }) => ({ benchmark, files: files(found, benchmarkFolder(benchmark)) }))
      .filter((each) => each.files.length > 0),
    ...(trainedOn && {
      trainedOn: {
        name: trainedOn.name,
        path: backend.kind === 'local' ? trainedOn.path : TRAINED_ON,
        sha256: null,
      },
    }),
  };
}

const MODEL = `${FOLDER}/model`;
const DATASET = `${FOLDER}/dataset`;
const TRAINED_ON = `${FOLDER}/trained-on.jsonl`;
const benchmarkFolder = (name: string): string => `${FOLDER}/benchmarks/${name}`;

/** Shards of one name may come from several folders; the ending of a name tells its format. */
const placeOf = (folder: string, { name }: FoundFile, index: number): string =>
  join(folder, `${String(index + 1).padStart(5, '0')}-${basename(name)}`);

interface Copy {
  readonly from: string;
  /** Relative to the run's folder. */
  readonly to: string;
  readonly isWeighty: boolean;
}

function copiesOf({ inputs }: Arm, { backend }: Pick<ClusterProfile, 'backend'>): readonly Copy[] {
  const { model, dataset, benchmarks, trainedOn } = inputs;
  const copies = (found: readonly FoundFile[] | null, folder: string) =>
    (found ?? []).map((file, index) => ({
      from: file.path,
      to: placeOf(folder, file, index),
      isWeighty: false,
    }));
  const records =
    trainedOn && backend.kind !== 'local' ? [{ from: trainedOn.path, to: TRAINED_ON, isWeighty: true }] : [];
  const modelFiles = model?.kind === 'folder' && backend.kind !== 'local' ? model.files : [];
  return [
    ...modelFiles.map(({ name, path }) => ({ from: path, to: join(MODEL, name), isWeighty: true })),
    ...records,
    ...copies(dataset, DATASET),
    ...benchmarks.flatMap(({ benchmark, files }) => copies(files, benchmarkFolder(benchmark))),
  ];
}
