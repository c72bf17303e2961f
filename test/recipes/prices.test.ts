import { expect, test } from 'vitest';
import { loadPriceBook } from '../../orchestrator/documents/load-price-book.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { priceOn } from '../../orchestrator/ledger/price-on.ts';
import { dayOf } from '../../orchestrator/ledger/usage-day.ts';

test('the example of a price book can be used as it is, and names the devices of the shipped profiles', async () => {
  const book = await loadPriceBook('ops/prices.yaml', '');
  for (const name of ['h100-16', 'h200-8']) {
    const { device, capacity, price } = await loadProfile(name);
    const time = {
      deviceModel: device.model,
      capacity: capacity.type,
      region: null,
      day: dayOf(Date.UTC(2026, 10, 27)),
      listedPrice: null,
    };
    expect(Number(priceOn(book, time)?.perDeviceHour)).toBe(price.perDeviceHour);
  }
});
