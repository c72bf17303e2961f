import { seededRandom } from './random.ts';

/** What happens to happen: the same for equal seeds. */
export interface Chance {
  /** A whole number in [from, to]. */
  readonly between: (from: number, to: number) => number;
  readonly happens: (probability: number) => boolean;
  readonly pick: <T>(from: readonly T[]) => T;
}

export function chanceOf(seed: number): Chance {
  const below = seededRandom(seed);
  return {
    between: (from, to) => from + below(to - from + 1),
    happens: (probability) => below(1_000_000) < probability * 1_000_000,
    pick: (from) => {
      const chosen = from[below(from.length)];
      if (chosen === undefined) throw new Error('nothing to pick from');
      return chosen;
    },
  };
}
