import { cursorOf, positionOf } from '../contract/position.ts';
import type { Answer, Question } from '../contract/routes.ts';
import type { RunRow } from '../contract/runs.ts';
import type { Looker } from '../controller/look-at-run.ts';
import { StintError } from '../errors/stint-error.ts';
import type { RunSummary, SummaryQuery } from '../ports/store.ts';
import { describeNow } from '../run/describe-state.ts';
import { isAtRest, type Run } from '../run/state.ts';
import { type Status, statusOf } from '../run/status.ts';
import type { Desk } from './desk.ts';

/** A page of the runs that the caller may see, newest first. @throws StintError `wrong-option` for a cursor that is none. */
export async function listRuns(
  { workplace, caller }: Pick<Desk, 'caller'> & { readonly workplace: Looker },
  { limit, cursor, open, ...wanted }: Question<'listRuns'>,
): Promise<Answer<'listRuns'>> {
  const team = caller.team ?? wanted.team;
  if (caller.team !== null && wanted.team !== undefined && wanted.team !== caller.team)
    return { runs: [], next: null };
  const query: SummaryQuery = {
    ...wanted,
    ...(team !== undefined && { team }),
    ...(open !== undefined && { closed: !open }),
    ...(cursor !== undefined && { after: pageAfter(cursor) }),
    // One more than is shown tells whether there is a page after this one.
    limit: limit + 1,
  };
  const found = await workplace.store.runs.summaries(query);
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    runs: await Promise.all(shown.map(async (run) => rowOf(run, await whereItIs(workplace, run)))),
    next: last !== undefined && found.length > limit ? cursorOf(last) : null,
  };
}

function rowOf(
  { id, name, arm, ablation, cluster, createdAt }: RunSummary,
  { run, status }: { readonly run: Run; readonly status: Status },
): RunRow {
  return {
    id,
    recipe: name,
    arm,
    ablation: ablation?.id ?? null,
    cluster,
    state: run.state.kind,
    status,
    summary: describeNow(run.state, status),
    checkpoint: run.checkpoint,
    createdAt: new Date(createdAt).toISOString(),
  };
}

/** What is recorded of a run that goes on is what was asked for; where it is, its cluster knows. */
async function whereItIs(workplace: Looker, { id, run }: RunSummary): Promise<{ run: Run; status: Status }> {
  const record = isAtRest(run.state) ? null : await workplace.store.runs.find(id);
  if (record === null) return { run, status: statusOf(run.state, null) };
  // Most lists are of runs that are over, and a look is much to load.
  const { lookAtRun } = await import('../controller/look-at-run.ts');
  const { left, status } = await lookAtRun(workplace, record);
  return { run: left?.run ?? run, status };
}

function pageAfter(cursor: string) {
  const position = positionOf(cursor);
  if (position !== null) return position;
  throw new StintError({
    code: 'wrong-option',
    where: 'cursor',
    what: `${JSON.stringify(cursor)} is not a cursor`,
    why: 'a cursor is what `next` of the page before says',
    todo: 'ask for the first page without one',
  });
}
