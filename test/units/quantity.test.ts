import { expect, it } from 'vitest';
import { Bytes, Seconds } from '../../orchestrator/units/quantity.ts';

it('refuses a size of nothing, which Kubernetes takes for no limit', () => {
  for (const text of ['0GiB', '0 B', '0.5B', '0.0001kB'])
    expect([text, Bytes.safeParse(text).error?.issues[0]?.message]).toEqual([
      text,
      'expected a size above zero',
    ]);
  expect(Bytes.parse('1B')).toBe(1);
  expect(Seconds.parse('0s')).toBe(0);
});
