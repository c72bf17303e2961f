import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { Plan } from './plan.ts';

/** What device-hours cost by the profile's price, in its currency. */
export function costOf(gpuHours: Plan['gpuHours'], { price }: Pick<ClusterProfile, 'price'>): Plan['cost'] {
  const { currency, perDeviceHour } = price;
  return {
    currency,
    expected: gpuHours.expected * perDeviceHour,
    low: gpuHours.low * perDeviceHour,
    high: gpuHours.high * perDeviceHour,
  };
}
