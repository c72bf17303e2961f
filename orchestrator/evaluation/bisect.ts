/** Between two places, where something begins to hold that does not before: the nearest places below and above, after so many halvings. */
export function bisect(
  low: number,
  high: number,
  halvings: number,
  holds: (place: number) => boolean,
): readonly [below: number, above: number] {
  let [below, above] = [low, high];
  for (let halving = 0; halving < halvings; halving++) {
    const middle = (below + above) / 2;
    if (holds(middle)) above = middle;
    else below = middle;
  }
  return [below, above];
}
