// Properties try what one seed gives where STINT_TEST_SEED names it, and else what each run's own chance does.
const seed = process.env['STINT_TEST_SEED'];
if (seed !== undefined) {
  const { configureGlobal } = await import('fast-check');
  configureGlobal({ seed: Number(seed) });
}
