import { formatBytes, formatDuration } from '../../../units/format.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { renderTable } from '../../render/table.ts';

/** `stint checkpoints ls`: every registered checkpoint, newest first. */
export async function ls(options: { readonly json?: boolean }, context: CliContext): Promise<number> {
  const { store, now } = await context.openWorkplace();
  const { output } = context;
  const checkpoints = await store.checkpoints.list();
  const bytesOf = (files: readonly { readonly bytes: number }[]) =>
    files.reduce((sum, file) => sum + file.bytes, 0);
  if (options.json) {
    const rows = checkpoints.map(({ id, digest, run, files, createdAt }) => ({
      id,
      digest,
      run,
      bytes: bytesOf(files),
      createdAt: new Date(createdAt).toISOString(),
    }));
    printJson(output, { checkpoints: rows });
  } else if (checkpoints.length === 0) {
    output.tell('No checkpoint is registered yet.');
  } else {
    const table = renderTable(checkpoints, [
      { header: 'CHECKPOINT', cell: ({ id }) => id },
      { header: 'RUN', cell: ({ run }) => run },
      { header: 'FILES', cell: ({ files }) => files.length },
      { header: 'SIZE', cell: ({ files }) => formatBytes(bytesOf(files)), align: 'right' },
      { header: 'AGE', cell: ({ createdAt }) => formatDuration((now() - createdAt) / 1000), align: 'right' },
      { header: 'DIGEST', cell: ({ digest }) => digest.slice(0, 'sha256:'.length + 12) },
    ]);
    output.print(table);
  }
  return 0;
}
