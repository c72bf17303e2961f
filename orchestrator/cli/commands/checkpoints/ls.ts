import { formatBytes, formatDuration } from '../../../units/format.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { renderTable } from '../../render/table.ts';

/** `stint checkpoints ls`: every registered checkpoint, newest first. */
export async function ls(options: { readonly json?: boolean }, context: CliContext): Promise<number> {
  const stint = await context.openStint();
  const { output } = context;
  const answer = await stint.listCheckpoints({});
  if (options.json) printJson(output, answer);
  else if (answer.checkpoints.length === 0) output.tell('No checkpoint is registered yet.');
  else
    output.print(
      renderTable(answer.checkpoints, [
        { header: 'CHECKPOINT', cell: ({ id }) => id },
        { header: 'RUN', cell: ({ run }) => run },
        { header: 'FILES', cell: ({ fileCount }) => fileCount },
        { header: 'SIZE', cell: ({ bytes }) => formatBytes(bytes), align: 'right' },
        {
          header: 'AGE',
          cell: ({ createdAt }) => formatDuration((Date.now() - Date.parse(createdAt)) / 1000),
          align: 'right',
        },
        { header: 'DIGEST', cell: ({ digest }) => digest.slice(0, 'sha256:'.length + 12) },
      ]),
    );
  return 0;
}
