import { expect, test } from 'vitest';
import { HANG_GUARD } from './hang-guard.ts';
import { killAtEachAwait } from './kill-at-each-await.ts';

const TIMEOUT = { timeout: HANG_GUARD };

test(
  'a controller killed before any of its awaits is succeeded by one that ends the run',
  TIMEOUT,
  async () => {
    const { awaits, failures } = await killAtEachAwait(
      { kind: 'exit 80: a device failed', at: 12_000 },
      'before',
    );
    expect(failures).toEqual([]);
    expect(awaits).toBeGreaterThan(300);
  },
);

test('also of a run that a person cancels', TIMEOUT, async () => {
  const { failures } = await killAtEachAwait({ kind: 'cancelled by a person', at: 12_000 }, 'before', 3);
  expect(failures).toEqual([]);
});
