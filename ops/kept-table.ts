/**
 * A page that is one table with a line for each name: fresh lines take the place of those that were there, and the line of a
 * name that was not run stays as it was.
 */
export function keptTable(
  head: string,
  before: string,
  names: readonly string[],
  fresh: ReadonlyMap<string, string>,
): string {
  const kept = before.split('\n').filter((line) => line.startsWith('| '));
  const lines = names.flatMap((name) => {
    const line = fresh.get(name);
    return line === undefined ? kept.filter((old) => old.startsWith(`| ${name} |`)) : [line];
  });
  return `${head}${lines.map((line) => `${line}\n`).join('')}`;
}

/** `12 s`, `14 min`. */
export const tookText = (seconds: number): string =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
