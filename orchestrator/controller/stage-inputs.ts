import {
  chmod,
  constants,
  copyFile,
  link,
  mkdir,
  readFile,
  realpath,
  rename,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { InputFile as FoundFile } from '../documents/find-data-files.ts';
import { hashFiles } from '../documents/input-files.ts';
import type { LoadedArm } from '../documents/load-recipe.ts';
import { StintError } from '../errors/stint-error.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { RunRecord } from '../store/port.ts';
import { type InputFile, type Inputs, InputsSchema, NO_INPUTS } from '../wire/inputs.ts';
import type { Workplace } from './workplace.ts';

/**
 * Copies what each run reads from this machine into its work folder, where its stages look for it: from then on what was
 * copied counts, whatever becomes of the originals. A model's folder stays where it is for runs of this machine.
 *
 * @param arms - In the order of the records.
 */
export async function stageInputs(
  workplace: Pick<Workplace, 'workFolder'>,
  arms: readonly Pick<LoadedArm, 'recipe' | 'inputs' | 'pinned'>[],
  records: readonly Pick<RunRecord, 'id' | 'profile'>[],
): Promise<void> {
  for (const [index, record] of records.entries()) {
    const arm = arms[index];
    if (arm === undefined) throw new Error('each run is of an arm');
    const work = workplace.workFolder(record);
    const copies = copiesOf(arm, record.profile);
    const inputs = inputsOf(arm, record.profile);
    if (copies.length === 0 && inputs.model === null) continue;
    if (record.profile.backend.kind === 'kubernetes') await makeShared(work);
    for (const { from, to, isWeighty } of copies) {
      await mkdir(join(work, to, '..'), { recursive: true });
      const isLinked = isWeighty && (await linked(from, join(work, to)));
      if (!isLinked) await copy(from, join(work, to), record);
    }
    await writeList(work, await asCopied(work, inputs));
  }
}

/** Of a model that lies on the cluster's volume already, no second copy of its weights is made. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(await realpath(from), to);
    return true;
  } catch {
    return false;
  }
}

async function copy(
  from: string,
  to: string,
  { id: run, profile }: Pick<RunRecord, 'id' | 'profile'>,
): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    // Pods read it under another user's id.
    if (profile.backend.kind === 'kubernetes') await chmod(to, 0o644);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new StintError(
      {
        code: 'inputs-not-staged',
        blame: 'input',
        where: to,
        what: `${from} cannot be copied for run ${run} (${code})`,
        why: 'stages read copies, so that nothing changes under a run',
        todo: `make room there or mend the permissions, and launch again; no pod was started. \`stint runs cancel ${run}\` puts what was recorded to rest`,
      },
      { cause: error },
    );
  }
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

type Arm = Pick<LoadedArm, 'recipe' | 'inputs' | 'pinned'>;

/** Where an arm's stages will find what lies on this machine. */
export function inputsOf(
  { recipe, inputs, pinned }: Arm,
  { backend }: Pick<ClusterProfile, 'backend'>,
): Inputs {
  const { model, dataset, benchmarks } = inputs;
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
  };
}

const MODEL = `${FOLDER}/model`;
const DATASET = `${FOLDER}/dataset`;
const benchmarkFolder = (name: string): string => `${FOLDER}/benchmarks/${name}`;

/** Shards of one name may come from several folders; the ending of a name tells its format. */
const placeOf = (folder: string, { name }: FoundFile, index: number): string =>
  join(folder, `${String(index + 1).padStart(5, '0')}-${basename(name)}`);

function copiesOf({ inputs }: Arm, { backend }: Pick<ClusterProfile, 'backend'>) {
  const { model, dataset, benchmarks } = inputs;
  const copies = (found: readonly FoundFile[] | null, folder: string) =>
    (found ?? []).map((file, index) => ({
      from: file.path,
      to: placeOf(folder, file, index),
      isWeighty: false,
    }));
  const modelFiles = model?.kind === 'folder' && backend.kind !== 'local' ? model.files : [];
  return [
    ...modelFiles.map(({ name, path }) => ({ from: path, to: join(MODEL, name), isWeighty: true })),
    ...copies(dataset, DATASET),
    ...benchmarks.flatMap(({ benchmark, files }) => copies(files, benchmarkFolder(benchmark))),
  ];
}
