import { z } from 'zod';
import { formatInteger } from './format.ts';
import { gpuMillisecondsOf } from './gpu-hours.ts';
import { HOUR_MILLISECONDS } from './hour.ts';
import { writtenNumber } from './written-number.ts';

/** A millisecond of one device, and more than a hundred thousand years of one. */
const LEAST = 1 / HOUR_MILLISECONDS;
const MOST = 1e9;
const EXPECTED = `expected device-hours above zero, at least a millisecond (${LEAST.toFixed(9)}) and at most ${formatInteger(MOST)}`;

/** A limit in device-hours. */
export const GpuHours = writtenNumber(EXPECTED).pipe(
  z
    .number(EXPECTED)
    .gt(0, EXPECTED)
    .max(MOST, EXPECTED)
    // What a number below zero is has been said.
    .refine((hours) => hours <= 0 || gpuMillisecondsOf(hours) > 0, EXPECTED),
);
