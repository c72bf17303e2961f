import { parseSync, Visitor } from 'oxc-parser';

export interface FileNames {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly names: readonly string[];
}

/** What a file declares and exports by name. */
export function namesOf(path: string, text: string): readonly string[] {
  const names: string[] = [];
  new Visitor({
    ExportNamedDeclaration: ({ declaration }) => {
      if (declaration === null) return;
      if (declaration.type === 'VariableDeclaration')
        for (const { id } of declaration.declarations) if (id.type === 'Identifier') names.push(id.name);
      if ('id' in declaration && declaration.id?.type === 'Identifier') names.push(declaration.id.name);
    },
  }).visit(parseSync(path, text).program);
  return [...new Set(names)];
}

/** Rooms that do the same for different parts of the world, so that the same words are right: adapters of one port, commands. */
const ALIKE: readonly RegExp[] = [/^cluster\/[a-z]+\//, /^orchestrator\/cli\/commands\/(?=[^/]+\/)[a-z]+\//];

/** Names that are exported by several files, each with those files. */
export function doubledNames(files: readonly FileNames[]): readonly string[] {
  const paths = new Map<string, string[]>();
  for (const { path, names } of files)
    for (const name of names) paths.set(name, [...(paths.get(name) ?? []), path]);
  return [...paths]
    .filter(([, where]) => where.length > 1 && !ALIKE.some((room) => areAlike(room, where)))
    .map(([name, where]) => `${name}: ${where.join(', ')}`)
    .toSorted();
}

/** Each stands in a room of its own of that kind. */
function areAlike(kind: RegExp, paths: readonly string[]): boolean {
  const rooms = paths.map((path) => kind.exec(path)?.[0]);
  return !rooms.includes(undefined) && new Set(rooms).size === paths.length;
}
