import type { Answer, Question } from '../contract/routes.ts';
import { checkFiles as readAgain } from '../documents/checkpoint-files.ts';
import { StintError } from '../errors/stint-error.ts';
import type { Desk } from './desk.ts';
import { findCheckpoint } from './find-checkpoint.ts';
import { modelFolder } from './model-folder.ts';

/** Reads every byte again. @throws StintError `no-such-checkpoint`, `run-is-elsewhere`. */
export async function verifyCheckpoint(
  { workplace, caller }: Desk,
  { checkpoint }: Question<'verifyCheckpoint'>,
): Promise<Answer<'verifyCheckpoint'>> {
  const { id, run, files } = await findCheckpoint(workplace.store, checkpoint, caller);
  const place = await modelFolder(workplace, { run });
  if ('machine' in place) throw onAnotherMachine(id, place.machine);
  const { folder } = place;
  const findings = await readAgain(folder, files);
  return {
    id,
    ok: findings.length === 0,
    folder,
    fileCount: files.length,
    findings: findings.map((finding) => ({ ...finding })),
  };
}

const onAnotherMachine = (checkpoint: string, machine: string) =>
  new StintError({
    code: 'run-is-elsewhere',
    where: checkpoint,
    what: `the files of this checkpoint are on ${machine}, and this is another machine or another home folder`,
    todo: `stint checkpoints verify ${checkpoint} there`,
  });
