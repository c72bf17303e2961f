/** Whole numbers below `bound`, uniform. */
export type RandomBelow = (bound: number) => number;

/**
 * xoshiro128** (Blackman and Vigna 2018), its state filled by splitmix32, so that neighbouring seeds give
 * unrelated streams. The same seed gives the same numbers on every machine: an interval can be computed
 * again.
 */
export function seededRandom(seed: number): RandomBelow {
  let filler = seed >>> 0;
  const fill = (): number => {
    filler = (filler + 0x9e3779b9) >>> 0;
    let z = Math.imul(filler ^ (filler >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let a = fill();
  let b = fill();
  let c = fill();
  let d = fill();
  return (bound) => {
    const scrambled = Math.imul(b, 5);
    const word = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    // The product keeps the high bits; its bias is at most bound / 2^32, far below what a resample can show.
    return Math.floor((word / 2 ** 32) * bound);
  };
}
