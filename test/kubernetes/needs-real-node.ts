import { inject, type TestContext } from 'vitest';

/** Before each test with real containers: skipped, with the reason, on a machine that runs none. */
export function needsRealNode({ skip }: TestContext): void {
  const why = inject('whyNoNode');
  skip(why !== '', why);
}
