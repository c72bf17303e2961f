import { counted } from '../units/counted.ts';
import { formatInteger } from '../units/format.ts';
import type { KnownBenchmark } from './evaluation-load.ts';
import type { Verdict } from './plan.ts';

/** Benchmarks that ask a question again: intervals count each as drawn for itself, and come out narrower than what they rest on. */
export function askedOnce(known: readonly KnownBenchmark[]): readonly Verdict[] {
  const told = known.flatMap(({ name, rows, repeated = 0 }) =>
    repeated === 0
      ? []
      : [`${formatInteger(repeated)} of ${counted(rows, 'question')} of ${name} ask what another one asks`],
  );
  if (told.length === 0) return [];
  const message = `${told.join('; ')}: intervals count each for itself, and would be too narrow; leave them out, and let evaluation.samples ask every question more than once`;
  return [{ name: 'asked-once', ok: false, refuses: false, message }];
}
