/** How far the second of two paired samples lies above the first, with its 95% interval. */
export interface PairedDifference {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Pairs. */
  readonly n: number;
}

/** The 95% interval leaves 0 out, so the sign of the difference can be told. */
export function canBeTold({ low, high }: Pick<PairedDifference, 'low' | 'high'>): boolean {
  return low > 0 || high < 0;
}

/** The interval made wide enough to hold 0, where an exact test says that the sign cannot be told. */
export const notTold = (difference: PairedDifference): PairedDifference => ({
  ...difference,
  low: Math.min(0, difference.low),
  high: Math.max(0, difference.high),
});

/**
 * `other - reference`, pair by pair.
 *
 * @throws RangeError unless both samples have the same length of at least 1.
 */
export function gapsOf(reference: readonly number[], other: readonly number[]): readonly number[] {
  if (reference.length === 0 || other.length !== reference.length)
    throw new RangeError(`expected two samples of one length, found ${reference.length} and ${other.length}`);
  return reference.map((value, index) => (other[index] ?? 0) - value);
}
