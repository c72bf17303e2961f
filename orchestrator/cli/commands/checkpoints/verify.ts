import { verifyCheckpoint } from '../../../documents/checkpoint-files.ts';
import { KINDS } from '../../../errors/catalogue.ts';
import { StintError } from '../../../errors/stint-error.ts';
import type { CliContext } from '../../context.ts';
import { findCheckpoint } from '../../find-checkpoint.ts';
import { modelFolder } from '../../model-folder.ts';
import { printJson } from '../../output.ts';

/** `stint checkpoints verify CHECKPOINT`: every byte read again; exit 1 when anything differs from what was registered. */
export async function verify(
  reference: string,
  options: { readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const workplace = await context.openWorkplace();
  const { output } = context;
  const checkpoint = await findCheckpoint(workplace.store, reference);
  const place = await modelFolder(workplace, checkpoint);
  if ('machine' in place) throw onAnotherMachine(checkpoint.id, place.machine);
  const { folder } = place;
  const findings = await verifyCheckpoint(folder, checkpoint.files);
  const ok = findings.length === 0;
  if (options.json) printJson(output, { id: checkpoint.id, ok, findings });
  else if (ok)
    output.print(`${checkpoint.id}: all ${checkpoint.files.length} files in ${folder} are as registered`);
  else for (const finding of findings) output.print(`${checkpoint.id}: ${finding.message}`);
  return ok ? 0 : KINDS.failed.exitCode;
}

const onAnotherMachine = (checkpoint: string, machine: string) =>
  new StintError({
    code: 'run-is-elsewhere',
    where: checkpoint,
    what: `the files of this checkpoint are on ${machine}, and this is another machine or another home folder`,
    todo: `stint checkpoints verify ${checkpoint} there`,
  });
