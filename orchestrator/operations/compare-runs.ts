import { compareArms } from '../comparison/compare-arms.ts';
import type { Comparison } from '../comparison/comparison.ts';
import type { Answer, Question } from '../contract/routes.ts';
import { gatherArm } from '../controller/gather-arm.ts';
import { lookAtUnattended } from '../controller/look-at-unattended.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { Desk } from './desk.ts';
import { findRuns } from './find-runs.ts';

/** Compares the runs that the caller may see. @throws StintError `no-such-run`, and as the comparison does. */
export async function compareRuns(
  { workplace, caller }: Desk,
  { runs }: Question<'compareRuns'>,
): Promise<Answer<'compareRuns'>> {
  const records = await findRuns(workplace.store, runs, caller);
  return { name: nameOf(records), comparison: await compareRecords(workplace, records) };
}

export async function compareRecords(
  workplace: Desk['workplace'],
  records: readonly RunRecord[],
): Promise<Comparison> {
  const sight = await lookAtUnattended(
    workplace,
    records.map(({ id }) => id),
  );
  return compareArms(await Promise.all(records.map((record) => gatherArm(workplace, sight, record))));
}

const nameOf = ([first]: readonly RunRecord[]): string =>
  first?.ablation?.name ?? first?.name ?? 'comparison';
