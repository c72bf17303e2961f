import { HOUR_MILLISECONDS } from './hour.ts';
import { nearestWhole } from './nearest-whole.ts';

/**
 * Device-hours as whole GPU-milliseconds: the nearest, halves to the even one. Milliseconds that somebody divided by
 * 3,600,000 and wrote down come back as they were, for all below 10^12.
 *
 * @throws RangeError for what is negative or not finite.
 */
export function gpuMillisecondsOf(gpuHours: number): number {
  const milliseconds = nearestWhole(gpuHours, BigInt(HOUR_MILLISECONDS));
  if (milliseconds === null) throw new RangeError(`${gpuHours} are no device-hours`);
  return Number(milliseconds);
}
