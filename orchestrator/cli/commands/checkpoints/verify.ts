import { verifyCheckpoint } from '../../../documents/checkpoint-files.ts';
import { EXIT_CODE } from '../../../errors/stint-error.ts';
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
  const folder = await modelFolder(workplace, checkpoint);
  const findings = await verifyCheckpoint(folder, checkpoint.files);
  const ok = findings.length === 0;
  if (options.json) printJson(output, { id: checkpoint.id, ok, findings });
  else if (ok)
    output.print(`${checkpoint.id}: all ${checkpoint.files.length} files in ${folder} are as registered`);
  else for (const finding of findings) output.print(`${checkpoint.id}: ${finding.message}`);
  return ok ? 0 : EXIT_CODE.run;
}
