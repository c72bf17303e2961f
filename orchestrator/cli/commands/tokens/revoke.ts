import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';

/** `stint tokens revoke NAME`: from the next request on it holds no more. */
export async function revoke(
  name: string,
  options: { readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const stint = await context.openStint();
  const answer = await stint.revokeToken({ name });
  if (options.json) printJson(context.output, answer);
  else context.output.print(`${answer.name}: revoked`);
  return 0;
}
