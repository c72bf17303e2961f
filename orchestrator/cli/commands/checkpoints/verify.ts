import { KINDS } from '../../../errors/catalogue.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';

/** `stint checkpoints verify CHECKPOINT`: every byte read again; exit 1 when anything differs from what was registered. */
export async function verify(
  reference: string,
  options: { readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const stint = await context.openStint();
  const { output } = context;
  const answer = await stint.verifyCheckpoint({ checkpoint: reference });
  const { id, ok, folder, fileCount, findings } = answer;
  if (options.json) printJson(output, answer);
  else if (ok) output.print(`${id}: all ${fileCount} files in ${folder} are as registered`);
  else for (const { message } of findings) output.print(`${id}: ${message}`);
  return ok ? 0 : KINDS.failed.exitCode;
}
