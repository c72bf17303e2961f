import { expect, test } from 'vitest';
import { temporaryFolder } from '../store/fixtures.ts';
import { chanceOf } from './chance.ts';
import { HANG_GUARD } from './hang-guard.ts';
import { faultsOf } from './scenario.ts';
import { makeScenery } from './scenery.ts';
import { simulate } from './simulate.ts';

/** `STINT_SIMULATION_RUNS=5000` is a longer campaign. */
const RUNS = Number(process.env['STINT_SIMULATION_RUNS'] ?? 80);
const SEED = Number(process.env['STINT_SIMULATION_SEED'] ?? 0);

/** The store is lost once or twice, at any time, with all else that may happen in every second run. */
function faultsWithLoss(seed: number) {
  const { between, happens } = chanceOf(seed * 2 + 1);
  const losses = happens(0.3) ? 2 : 1;
  const lost = Array.from(
    { length: losses },
    () => ({ kind: 'store lost', at: between(0, 75_000) }) as const,
  );
  return [...lost, ...(seed % 2 === 0 ? faultsOf(seed) : [])];
}

test('a store that is lost at any moment is made again, the run ends right, and no record of a pod is missing', {
  timeout: HANG_GUARD + RUNS * 500,
}, async () => {
  const scenery = await makeScenery(temporaryFolder());
  const failures: string[] = [];
  let losses = 0;
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const faults = faultsWithLoss(seed);
    const lived = await simulate({ seed, faults, trace: RUNS === 1 }, scenery);
    losses += lived.injected.filter((kind) => kind === 'store lost').length;
    if (lived.problems.length > 0)
      failures.push(
        [
          ...lived.problems,
          ...faults.map(({ kind, at }) => `${(at / 1_000).toFixed(1)} s: ${kind}`),
          `again: STINT_SIMULATION_RUNS=1 STINT_SIMULATION_SEED=${seed} npx vitest run test/simulation/store-lost.test.ts`,
        ].join('\n'),
      );
  }
  expect(failures).toEqual([]);
  if (RUNS >= 80) expect(losses).toBeGreaterThan(RUNS / 2);
});
