// Properties try what one seed gives where STINT_TEST_SEED names it, and else what each run's own chance does. STINT_TEST_RUNS is
// how many values each of them tries that names no number itself.
const [seed, runs] = [process.env['STINT_TEST_SEED'], process.env['STINT_TEST_RUNS']];
if (seed !== undefined || runs !== undefined) {
  const { configureGlobal } = await import('fast-check');
  configureGlobal({
    ...(seed !== undefined && { seed: Number(seed) }),
    ...(runs !== undefined && { numRuns: Number(runs) }),
  });
}
