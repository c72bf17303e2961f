import type { Answer, Question } from '../contract/routes.ts';
import { StintError } from '../errors/stint-error.ts';
import type { Desk } from './desk.ts';
import { findRun } from './find-runs.ts';

/** Keeps the last that the trainer of a run has said. @throws StintError `no-such-run`, `ambiguous-run`, `not-allowed`. */
export async function reportStatus(
  { workplace: { store, now }, caller }: Desk,
  { run, trainerStatus }: Question<'reportStatus'>,
): Promise<Answer<'reportStatus'>> {
  const { id } = await findRun(store, run, caller);
  if (caller.run !== undefined && caller.run !== id) throw ofAnother(caller.name, caller.run);
  const at = now();
  await store.reports.keep(id, { at, status: trainerStatus });
  return { run: id, at: new Date(at).toISOString() };
}

const ofAnother = (name: string, run: string): StintError =>
  new StintError({
    code: 'not-allowed',
    what: `"${name}" reports for ${run}, and for no other run`,
    todo: 'ask for a token of this run',
  });
