import { z } from 'zod';
import { formatInteger } from './format.ts';
import { HOUR_MILLISECONDS } from './hour.ts';
import { nearestWhole } from './nearest-whole.ts';

/** A millisecond of one device, and more than a hundred thousand years of one. */
const LEAST = 1 / HOUR_MILLISECONDS;
const MOST = 1e9;
const EXPECTED = `expected device-hours above zero, at least a millisecond (${LEAST.toFixed(9)}) and at most ${formatInteger(MOST)}`;

/** A limit in device-hours. */
export const GpuHours = z
  .number(EXPECTED)
  .gt(0, EXPECTED)
  .max(MOST, EXPECTED)
  // What a number below zero is has been said.
  .refine((hours) => hours <= 0 || gpuMillisecondsOf(hours) > 0, EXPECTED);

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
