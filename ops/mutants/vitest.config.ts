import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const included = `test/${process.env['STINT_MUTANTS_ROOM']}/**/*.test.ts`;

/** The copy of the clone has no Python: what asks the trainer stands in files of its own. */
const asksTrainer = globSync(included).filter((file) =>
  readFileSync(file, 'utf8').includes('.venv/bin/python'),
);

/**
 * The tests of one room, at seeds that stay: whether a fault is noticed does not hang on chance. Whole lives that are simulated
 * by the thousand take seconds each, and a fault that only they notice has no test that says what is wrong.
 */
export default defineConfig({
  test: {
    include: [included],
    exclude: ['**/*simulation.test.ts', ...asksTrainer],
    setupFiles: ['test/seed.ts'],
    // What a property notices at all, it notices within a few values; each mutant is asked of all tests that reach it.
    env: { STINT_TEST_SEED: '1', STINT_TEST_RUNS: '20' },
    // A busy machine is no fault.
    testTimeout: 600_000,
  },
});
