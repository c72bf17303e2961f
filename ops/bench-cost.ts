// What statements take over many pods: `npm run bench:cost [-- PODS]`. Ratios are what to compare; seconds vary by machine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { refreshUsage } from '../orchestrator/controller/refresh-usage.ts';
import { loadProfile } from '../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../orchestrator/documents/load-recipe.ts';
import type { LedgerFact } from '../orchestrator/ledger/fact.ts';
import type { UsageDimension } from '../orchestrator/ledger/usage-sum.ts';
import { makePlan } from '../orchestrator/plan/make-plan.ts';
import type { Store } from '../orchestrator/ports/store.ts';
import { openStore } from '../orchestrator/store/open-store.ts';
import { benchedId, benchedRuns, START } from './benched-runs.ts';

const MAIN = fileURLToPath(new URL('../orchestrator/main.ts', import.meta.url));
const MINUTE = 60_000;
/** A run of two nodes that is disturbed once. */
const PODS_OF_RUN = 5;
const REPEATS = 5;

const wanted = Number(process.argv[2] ?? 100_000);
const home = mkdtempSync(join(tmpdir(), 'stint-bench-'));
try {
  const store = await openStore(join(home, 'stint.db'));
  const small = await measure(store, 0, wanted / 10);
  const large = await measure(store, wanted / 10, wanted);
  await store.close();
  console.log(`\n${wanted} pods against ${wanted / 10}: sums take ${(large / small).toFixed(1)} × as long`);
  const command = await median(async () => {
    await execa(process.execPath, [MAIN, '--home', home, 'cost', '--by', 'team'], { stdin: 'ignore' });
  });
  console.log(`stint cost --by team, from start to end: ${text(command)}`);
} finally {
  rmSync(home, { recursive: true, force: true });
}

/** Fills the store up to so many pods, and gives the median seconds of a sum by team. */
async function measure(store: Store, from: number, to: number): Promise<number> {
  await fill(store, from / PODS_OF_RUN, to / PODS_OF_RUN);
  const begun = performance.now();
  await refreshUsage({ store, now: Date.now, isAlive: () => true });
  console.log(
    `${to} pods: made from ${to - from} pods' facts, once, in ${text((performance.now() - begun) / 1000)}`,
  );
  const by: readonly (readonly UsageDimension[])[] = [['team'], ['node'], ['recipe', 'project'], ['run']];
  const medians: number[] = [];
  for (const dimensions of by) {
    const seconds = await median(async () => {
      await refreshUsage({ store, now: Date.now, isAlive: () => true });
      await store.usage.sum({ by: dimensions });
    });
    medians.push(seconds);
    console.log(`  summed by ${dimensions.join(' and ')}: ${text(seconds)}`);
  }
  return medians[0] ?? 0;
}

async function fill(store: Store, from: number, to: number): Promise<void> {
  const [loaded, profile] = await Promise.all([loadRecipe('recipes/s1-32b.yaml'), loadProfile('h100-16')]);
  const [arm] = loaded.arms;
  if (!arm) throw new Error('the recipe is a FineTune');
  const plan = makePlan(arm.recipe, arm.recipeDigest, profile);
  for (const { numbers, runs } of benchedRuns({ arm, plan, profile }, from, to)) {
    await store.runs.create(runs);
    for (const { id } of runs)
      await store.runs.append(id, 0, START, [
        { type: 'stage-launched', stage: 'train', attempt: 1 },
        { type: 'succeeded' },
        { type: 'released' },
      ]);
    await store.ledger.record(numbers.flatMap(factsOf));
  }
}

function factsOf(number: number): readonly LedgerFact[] {
  const run = benchedId(number);
  const begins = START + number * 3 * MINUTE;
  return Array.from({ length: PODS_OF_RUN }, (_, index): LedgerFact[] => {
    const of = { run, pod: `${run}-${index}` };
    const attempt = index < 2 ? 1 : 2;
    const from = begins + (attempt - 1) * 40 * MINUTE;
    const place = { stage: 'train', attempt, node: `gpu-${(number + index) % 64}`, devices: 8 } as const;
    const phases = ['starting', 'loading', 'training', 'checkpointing', 'training'] as const;
    return [
      {
        ...of,
        ...place,
        kind: 'bound',
        key: `${of.pod}:b`,
        at: from,
        deviceModel: 'H100-SXM5-80GB',
        gang: 2,
      },
      ...phases.map(
        (phase, order): LedgerFact => ({
          ...of,
          kind: 'phase',
          key: `${of.pod}:${order}`,
          at: from + order * 2 * MINUTE + 17,
          phase,
          order,
        }),
      ),
      {
        ...of,
        kind: 'ended',
        key: `${of.pod}:e`,
        at: from + 35 * MINUTE,
        seen: true,
        succeeded: attempt === 2,
      },
    ];
  }).flat();
}

async function median(act: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let time = 0; time < REPEATS; time += 1) {
    const begun = performance.now();
    await act();
    times.push((performance.now() - begun) / 1000);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(REPEATS / 2)] ?? 0;
}

function text(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toFixed(0)} ms` : `${seconds.toFixed(2)} s`;
}
