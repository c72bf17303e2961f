import type { PodPlace } from '../ledger/phase-facts.ts';
import { pricingOf } from '../ledger/pricing.ts';
import { podCount } from '../render/request.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { Stage } from '../wire/job-spec.ts';

/** The evaluation is one process, whatever its pod holds. */
const EVALUATION_DEVICES = 1;

/** What a run's plan says of its pods' devices and gang, for the ledger. */
export function podPlace(stage: Stage, { profile }: Pick<RunRecord, 'profile'>): PodPlace {
  const { capacity, region } = pricingOf(profile);
  return {
    capacity,
    ...(region !== null && { region }),
    gang: podCount({ stage, profile }),
    ...(stage === 'evaluate' && { usedDevices: EVALUATION_DEVICES }),
  };
}
