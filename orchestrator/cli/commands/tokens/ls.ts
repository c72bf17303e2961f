import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { renderTable } from '../../render/table.ts';

/** `stint tokens ls`: who may ask a server, for what, and until when. */
export async function ls(options: { readonly json?: boolean }, context: CliContext): Promise<number> {
  const stint = await context.openStint();
  const { output } = context;
  const answer = await stint.listTokens({});
  if (options.json) printJson(output, answer);
  else if (answer.tokens.length === 0)
    output.tell('There are no tokens. Make one: stint tokens create NAME --role operator');
  else
    output.print(
      renderTable(answer.tokens, [
        { header: 'TOKEN', cell: ({ name }) => name },
        { header: 'ROLE', cell: ({ role, run }) => (run === null ? role : `reports for ${run}`) },
        { header: 'TEAM', cell: ({ team }) => team ?? 'all' },
        { header: 'CREATED', cell: ({ createdAt }) => createdAt.slice(0, 10) },
        { header: 'UNTIL', cell: ({ expiresAt }) => expiresAt?.slice(0, 10) ?? null },
        { header: 'STATE', cell: ({ state }) => state },
      ]),
    );
  return 0;
}
