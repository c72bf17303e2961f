/** Milliseconds, far beyond what a busy machine needs: it ends a test that hangs, and judges nobody's speed. */
export const HANG_GUARD = 1_800_000;
