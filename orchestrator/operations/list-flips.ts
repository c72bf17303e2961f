import { requireDistinct } from '../comparison/require-distinct.ts';
import type { Answer, Question } from '../contract/routes.ts';
import { StintError } from '../errors/stint-error.ts';
import { flipsBetween } from '../evaluation/flips.ts';
import type { Store } from '../ports/store.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { Desk } from './desk.ts';
import { findRun } from './find-runs.ts';

/**
 * Which questions a run answers otherwise than one before it.
 *
 * @throws StintError `no-such-run`, `not-evaluated`, `run-compared-with-itself`.
 */
export async function listFlips(
  { workplace: { store }, caller }: Desk,
  { run, against }: Question<'listFlips'>,
): Promise<Answer<'listFlips'>> {
  const [now, before] = [await findRun(store, run, caller), await findRun(store, against, caller)];
  requireDistinct([now.id, before.id]);
  const [first, second] = [await resultOf(store, before), await resultOf(store, now)];
  const { flips, otherQuestions } = flipsBetween(first, second);
  return {
    run: now.id,
    against: before.id,
    flips: flips.map(({ gained, lost, ...of }) => ({ ...of, gained: [...gained], lost: [...lost] })),
    otherQuestions: [...otherQuestions],
  };
}

async function resultOf(store: Store, { id }: RunRecord) {
  const result = await store.evaluations.find(id);
  if (result !== null) return result;
  throw new StintError({
    code: 'not-evaluated',
    where: id,
    what: `${id} has no evaluation`,
    todo: 'name a run that has been evaluated; `stint runs show` tells how far a run is',
  });
}
