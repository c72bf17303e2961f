/** What a name inside the container is called on this machine: a path, or the name of a pod. */
export type HostNames = ReadonlyMap<string, string>;

/**
 * Replaces a container's name that stands at the start of an argument or of a variable's value, alone or followed by
 * `/` or `:`. The longest name wins. Names elsewhere in a text are left: there
 * it cannot be told what they mean. A `$(NAME)` brings its variable's value in already translated.
 */
export function toHost(text: string, names: HostNames): string {
  const found = [...names.keys()]
    .filter((name) => text === name || text.startsWith(`${name}/`) || text.startsWith(`${name}:`))
    .toSorted((a, b) => b.length - a.length)[0];
  return found === undefined ? text : `${names.get(found)}${text.slice(found.length)}`;
}
