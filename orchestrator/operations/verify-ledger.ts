import type { Answer } from '../contract/routes.ts';
import { statementOf } from '../controller/held-by-phase.ts';
import { refreshUsage } from '../controller/refresh-usage.ts';
import { sightOfLeases } from '../controller/sight.ts';
import type { Workplace } from '../controller/workplace.ts';
import { type UsageDay, usageDays } from '../ledger/usage-day.ts';
import { canonicalJson } from '../recipe/canonical.ts';

export type LedgerVerification = Answer<'verifyLedger'>;

const RUNS_AT_ONCE = 200;

/** Makes every sum again from the facts, and compares it with the one that is kept, to the millisecond. Changes nothing. */
export async function verifyLedger(
  workplace: Pick<Workplace, 'store' | 'now' | 'isAlive'>,
): Promise<LedgerVerification> {
  const { store } = workplace;
  // One sight for both, or pods that go on would differ.
  const sight = await sightOfLeases(workplace);
  await refreshUsage(workplace, sight);
  const runs = await store.ledger.runs();
  const total = { facts: 0, pods: 0, gpuMilliseconds: 0, doubtfulPods: 0, doubtfulMilliseconds: 0 };
  const unboundPods: string[] = [];
  const wrong: string[] = [];
  for (let start = 0; start < runs.length; start += RUNS_AT_ONCE) {
    const part = runs.slice(start, start + RUNS_AT_ONCE);
    const { pods, unbound, facts } = await statementOf(workplace, sight, part);
    total.facts += facts;
    total.pods += pods.length;
    for (const { gpuMilliseconds, doubtfulMilliseconds } of pods) {
      total.gpuMilliseconds += gpuMilliseconds;
      total.doubtfulMilliseconds += doubtfulMilliseconds;
      if (doubtfulMilliseconds > 0) total.doubtfulPods += 1;
    }
    unboundPods.push(...unbound.map(({ run, pod }) => `${run} ${pod}`));
    wrong.push(...differing(pods.flatMap(usageDays), await store.usage.days(part)));
  }
  return { runs: runs.length, ...total, unboundPods, wrong };
}

function differing(told: readonly UsageDay[], kept: readonly UsageDay[]): readonly string[] {
  const texts = (days: readonly UsageDay[]) =>
    new Map(
      [...Map.groupBy(days, ({ run, pod }) => `${run} ${pod}`)].map(([pod, of]) => [
        pod,
        canonicalJson(of.toSorted((a, b) => a.day - b.day)),
      ]),
    );
  const [right, found] = [texts(told), texts(kept)];
  return [...new Set([...right.keys(), ...found.keys()])].filter((pod) => right.get(pod) !== found.get(pod));
}
