import { expect, test } from 'vitest';
import { HANG_GUARD } from './hang-guard.ts';
import { killAtEachAwait } from './kill-at-each-await.ts';

const TIMEOUT = { timeout: HANG_GUARD };

test(
  'a controller killed after any of its awaits is succeeded by one that ends the run',
  TIMEOUT,
  async () => {
    const { awaits, failures } = await killAtEachAwait(
      { kind: 'exit 80: a device failed', at: 12_000 },
      'after',
    );
    expect(failures).toEqual([]);
    expect(awaits).toBeGreaterThan(300);
  },
);

test('also of a run that its queue takes back', TIMEOUT, async () => {
  const { failures } = await killAtEachAwait({ kind: 'preempted by its queue', at: 12_000 }, 'after', 4);
  expect(failures).toEqual([]);
});
