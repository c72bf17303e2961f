/** A generator of numbers in [0, 1) from a seed: mulberry32, whose 32 bits are plenty to shuffle a dataset. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A shuffled copy (Fisher and Yates). */
export function shuffled(numbers: readonly number[], random: () => number): number[] {
  const result = [...numbers];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const kept = result[last] ?? 0;
    result[last] = result[other] ?? 0;
    result[other] = kept;
  }
  return result;
}
