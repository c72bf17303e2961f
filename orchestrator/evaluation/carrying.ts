/**
 * How many values carry a spread: (Σ v²)² / Σ v⁴, the participation ratio. All of them, where they are as large as each
 * other; one, where one is all there is. An estimate of a spread is as good as these are many, so they are its degrees of
 * freedom.
 */
export function carrying(values: readonly number[]): number {
  let [squares, fourths] = [0, 0];
  for (const value of values) {
    squares += value ** 2;
    fourths += value ** 4;
  }
  return squares ** 2 / fourths;
}
