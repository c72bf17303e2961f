import { expect, test } from 'vitest';
import { temporaryFolder } from '../store/fixtures.ts';
import { HANG_GUARD } from './hang-guard.ts';
import { faultsOf } from './scenario.ts';
import { makeScenery } from './scenery.ts';
import { simulate } from './simulate.ts';

/** Seeds of faults.test.ts that were drawn once, and showed what was wrong. */
test.each([
  ['a release took records away while the cluster was silent, with the ends in them', 1_033_107_393],
])('%s, and does so no more', { timeout: HANG_GUARD }, async (_, seed) => {
  const scenery = await makeScenery(temporaryFolder());
  const lived = await simulate({ seed, faults: faultsOf(seed), trace: false }, scenery);
  expect(lived.injected).not.toEqual([]);
  expect(lived.problems).toEqual([]);
});
