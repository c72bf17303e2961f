import { expect, test } from 'vitest';
import { temporaryFolder } from '../store/fixtures.ts';
import { FAULT_KINDS } from './faults.ts';
import { HANG_GUARD } from './hang-guard.ts';
import { faultsOf } from './scenario.ts';
import { makeScenery } from './scenery.ts';
import { type Simulated, simulate } from './simulate.ts';
import { table } from './table.ts';

/** Each kind of fault begins so many scenarios. `STINT_SIMULATION_RUNS=20000` is a longer campaign. */
const OF_EACH_KIND = 9;
const RUNS = Number(process.env['STINT_SIMULATION_RUNS'] ?? OF_EACH_KIND * FAULT_KINDS.length);
/** Of the first run; the one after it has the next. With the one that a failure names, and one run, it is lived again. */
const SEED = Number(process.env['STINT_SIMULATION_SEED'] ?? 0);
const TIMEOUT = HANG_GUARD + RUNS * 500;

test('whatever happens to a run and its controllers, it ends right and the ledger has its time', {
  timeout: TIMEOUT,
}, async () => {
  const scenery = await makeScenery(temporaryFolder());
  const simulated: Simulated[] = [];
  const failures: string[] = [];
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const scenario = { seed, faults: faultsOf(seed) };
    const lived = await simulate({ ...scenario, trace: RUNS === 1 }, scenery);
    simulated.push(lived);
    if (lived.problems.length > 0) failures.push(describe(seed, lived, scenario.faults));
  }
  console.log(`${RUNS} runs from seed ${SEED}\n${table(simulated)}`);
  expect(failures).toEqual([]);
  const injected = simulated.reduce((sum, run) => sum + run.injected.length, 0);
  if (RUNS >= OF_EACH_KIND * FAULT_KINDS.length) {
    expect(injected).toBeGreaterThanOrEqual(1_000);
    expect(FAULT_KINDS.filter((kind) => !simulated.some((run) => run.injected.includes(kind)))).toEqual([]);
  }
});

const describe = (seed: number, { problems }: Simulated, faults: ReturnType<typeof faultsOf>): string =>
  [
    ...problems,
    ...faults.map(({ kind, at }) => `${(at / 1_000).toFixed(1)} s: ${kind}`),
    `again: STINT_SIMULATION_RUNS=1 STINT_SIMULATION_SEED=${seed} npx vitest run test/simulation/faults.test.ts`,
  ].join('\n');
