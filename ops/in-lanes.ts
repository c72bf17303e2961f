/** Does something so many times, each by its number, with so many under way as there are lanes. */
export async function inLanes(
  lanes: number,
  times: number,
  act: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < times; index = next++) await act(index);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
