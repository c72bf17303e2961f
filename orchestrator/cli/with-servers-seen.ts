import { probeServer } from '../client/probe-server.ts';
import type { RecipePlan } from '../operations/plan-recipe.ts';
import { serverAnswers, serversOf } from '../plan/server-answers.ts';
import type { EvaluationSettings } from '../recipe/evaluation.ts';
import type { CliContext } from './context.ts';

/** A plan with what the servers that its recipes name answer from here; without any, nobody is asked. */
export async function withServersSeen(
  { whole, plans }: RecipePlan,
  recipes: readonly { readonly evaluation?: EvaluationSettings | undefined }[],
  { interrupt }: Pick<CliContext, 'interrupt'>,
): Promise<RecipePlan> {
  const servers = serversOf(recipes);
  if (servers.length === 0) return { whole, plans };
  const seen = await Promise.all(servers.map((server) => probeServer(server, interrupt)));
  const answers = servers.flatMap((server, index) => {
    const each = seen[index];
    return each === undefined ? [] : [serverAnswers(server, each)];
  });
  const verdicts = [...whole.verdicts, ...answers];
  if ('arms' in whole) return { whole: { ...whole, verdicts }, plans };
  const judged = { ...whole, verdicts };
  return { whole: judged, plans: [judged] };
}
