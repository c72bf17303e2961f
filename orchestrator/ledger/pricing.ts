import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { Priced } from './price-on.ts';

/** What the price of a device-hour on a cluster depends on, besides the day. */
export type Pricing = Omit<Priced, 'day'>;

export function pricingOf({ device, capacity, price }: ClusterProfile): Pricing {
  // Profiles that were recorded before they had a capacity.
  const { type, region = null } = capacity ?? { type: 'on-demand' };
  return { deviceModel: device.model, capacity: type, region, listedPrice: price ?? null };
}
