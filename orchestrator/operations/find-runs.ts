import { type Caller, OWNER, seesTeam } from '../contract/caller.ts';
import { StintError } from '../errors/stint-error.ts';
import type { Store } from '../ports/store.ts';
import type { RunRecord } from '../run/run-record.ts';

/**
 * The runs that a person names: by run id, by ablation id (all its arms), or by a beginning that only one run has. Those
 * of other teams than the caller's are not there for it.
 *
 * @throws StintError `no-such-run`, or `ambiguous-run` with the candidates.
 */
export async function findRuns(
  store: Store,
  references: readonly string[],
  caller: Caller = OWNER,
): Promise<readonly RunRecord[]> {
  const ids = (await Promise.all(references.map((reference) => matching(store, reference, caller)))).flat();
  const records = await Promise.all(ids.map((id) => store.runs.find(id)));
  return records.filter((record) => record !== null);
}

/** Ids of runs. */
async function matching(store: Store, reference: string, caller: Caller): Promise<readonly string[]> {
  const begun = (await store.runs.named(reference)).filter(({ team }) => seesTeam(caller, team));
  const exact = begun.filter((run) => run.id === reference || run.ablation?.id === reference);
  if (exact.length > 0) return exact.map(({ id }) => id).toReversed();
  const [only] = begun;
  if (only !== undefined && begun.length === 1) return [only.id];
  throw new StintError({
    code: begun.length === 0 ? 'no-such-run' : 'ambiguous-run',
    where: reference,
    what:
      begun.length === 0
        ? `there is no run "${reference}"`
        : `"${reference}" begins the ids of ${begun.length} runs`,
    ...(begun.length === 0 ? {} : { why: begun.map((run) => run.id).join(', ') }),
    todo: begun.length === 0 ? 'list the runs with `stint runs ls`' : 'give more of the id',
  });
}

export async function findRun(store: Store, reference: string, caller: Caller = OWNER): Promise<RunRecord> {
  const [run, ...others] = await findRuns(store, [reference], caller);
  if (run && others.length === 0) return run;
  throw new StintError({
    code: 'ambiguous-run',
    where: reference,
    what: `"${reference}" names an ablation of ${others.length + 1} runs, and this command takes one`,
    todo: 'name one of its runs; `stint runs ls` lists them',
  });
}
