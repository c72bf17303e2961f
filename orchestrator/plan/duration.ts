import type { Calibration } from './calibration.ts';
import type { Estimate } from './duration-parts.ts';
import type { DurationPart, Plan } from './plan.ts';
import type { StepTime } from './step-time.ts';

type Parts = Readonly<Record<DurationPart, Estimate>>;

/** Of the train stage, from its parts by the time model and what this site's finished runs have taught. */
export function durationOf(parts: Parts, step: StepTime, { bias, spread }: Calibration): Plan['duration'] {
  const raw = { expected: sumOf(parts, 'expected'), low: sumOf(parts, 'low'), high: sumOf(parts, 'high') };
  // A power of a bound's share of the whole, so that a spread of 1 leaves the time model's bounds as they are.
  const stretch = (bound: number) =>
    bound === 0 ? 1 : (bias * raw.expected * (bound / raw.expected) ** spread) / bound;
  const [low, high] = [stretch(raw.low), stretch(raw.high)];
  return {
    expectedSeconds: bias * raw.expected,
    lowSeconds: low * raw.low,
    highSeconds: high * raw.high,
    parts: mapParts(parts, ({ expected }) => bias * expected),
    partBounds: mapParts(parts, (part) => ({ low: low * part.low, high: high * part.high })),
    stepSeconds: step.seconds,
    computeSeconds: step.compute,
    networkSeconds: step.network,
    ringSeconds: step.ring,
    startupSeconds:
      parts.startup.expected + parts.preflight.expected + parts.load.expected + parts.compile.expected,
  };
}

const sumOf = (parts: Parts, bound: keyof Estimate): number =>
  Object.values(parts).reduce((sum, part) => sum + part[bound], 0);

const mapParts = <T>(parts: Parts, of: (part: Estimate) => T): Record<DurationPart, T> => ({
  startup: of(parts.startup),
  preflight: of(parts.preflight),
  load: of(parts.load),
  compile: of(parts.compile),
  steps: of(parts.steps),
  checkpoint: of(parts.checkpoint),
  export: of(parts.export),
});
