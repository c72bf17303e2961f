import { z } from 'zod';
import { Seconds } from '../units/quantity.ts';

/** How long a state may last that only costs, before the controller calls it stuck, names it, and ends the attempt. */
export const DeadlinesSchema = z
  .strictObject({
    /** A pod that no node takes, although its queue has admitted it. */
    pending: Seconds.prefault('10min'),
    /** A bound pod whose image does not come: it holds its devices. */
    imagePull: Seconds.prefault('5min'),
    /** Pods of a node that is not ready any more; their healthy peers hold devices and wait. */
    nodeLost: Seconds.prefault('90s'),
    /** Without a step, beyond the time that the plan gives one. */
    hang: Seconds.prefault('120s'),
    /** A pod that was asked to end and has not, beyond its grace period. */
    terminating: Seconds.prefault('3min'),
    /** A queue has reserved quota, and there are no pods. */
    quotaWithoutPods: Seconds.prefault('5min'),
  })
  .prefault({});
