import { expect, it } from 'vitest';
import { pricingOf } from '../../orchestrator/ledger/pricing.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import { profile } from '../plan/fixtures.ts';

it('a device-hour is priced by its model, its terms, its region and what the profile lists', () => {
  const on = profile('h100-16');
  const price = { currency: 'USD', perDeviceHour: 2, source: 'list' };
  const priced = { ...on, capacity: { type: 'spot', region: 'eu-1' } as const, price };
  expect(pricingOf(priced)).toEqual({
    deviceModel: on.device.model,
    capacity: 'spot',
    region: 'eu-1',
    listedPrice: price,
  });
  const unpriced: unknown = { ...priced, capacity: { type: 'reserved' }, price: undefined };
  expect(pricingOf(unpriced as ClusterProfile)).toMatchObject({
    capacity: 'reserved',
    region: null,
    listedPrice: null,
  });
});

it('a profile that was recorded before profiles had a capacity is on demand', () => {
  const { capacity: _, ...old } = profile('h100-16');
  expect(pricingOf(old as ClusterProfile)).toMatchObject({ capacity: 'on-demand', region: null });
});
