import { FLOORS, floorOf, IMPURE, isOwnFile, PACKAGES, roomOf } from './floors.ts';
import type { Mention, SourceFile } from './source-file.ts';

/** Each as `file:line says what is wrong`; none when the walls stand. */
export function findViolations(sources: readonly SourceFile[]): readonly string[] {
  return [
    ...sources.flatMap((source) => [...checkImports(source), ...checkPurity(source)]),
    ...findCycles(sources),
  ];
}

function checkImports(source: SourceFile): readonly string[] {
  const room = roomOf(source.path);
  if (floorOf(room) === -1)
    return [`${source.path}: room ${room} stands on no floor; give it one in floors.ts`];
  return source.imports.flatMap((imported) => {
    const why = isOwnFile(imported.name)
      ? whyNotRoom(room, roomOf(imported.name))
      : whyNotPackage(room, imported);
    return why === undefined ? [] : [`${source.path}:${imported.line} ${why}`];
  });
}

function whyNotRoom(room: string, target: string): string | undefined {
  if (room === target) return undefined;
  const [from, to] = [floorOf(room), floorOf(target)];
  if (to === -1) return `imports ${target}, which is no room of the program`;
  if (to < from || (from === 0 && to === 0)) return undefined;
  return `${room} (${FLOORS[from]?.name}) imports ${target} (${FLOORS[to]?.name}), which is not below it`;
}

function whyNotPackage(room: string, { name }: Mention): string | undefined {
  if (floorOf(room) === 0) return name === 'zod' ? undefined : `the domain imports ${name}`;
  const allowed = PACKAGES[name];
  if (allowed === 'every room' || (allowed === undefined && name.startsWith('node:'))) return undefined;
  if (allowed === undefined) return `imports ${name}, which floors.ts gives to no room`;
  return allowed.includes(room) ? undefined : `imports ${name}, which only ${allowed.join(', ')} may know`;
}

function checkPurity(source: SourceFile): readonly string[] {
  if (floorOf(roomOf(source.path)) !== 0) return [];
  return source.names
    .filter(({ name }) => IMPURE.has(name))
    .map(
      ({ name, line }) => `${source.path}:${line} the domain uses ${name}; take what it gives as an argument`,
    );
}

/** Which rooms each room imports. */
export function roomGraph(sources: readonly SourceFile[]): ReadonlyMap<string, ReadonlySet<string>> {
  const graph = new Map<string, Set<string>>();
  for (const { path, imports } of sources) {
    const room = roomOf(path);
    const targets = graph.get(room) ?? new Set();
    graph.set(room, targets);
    for (const { name } of imports) if (isOwnFile(name) && roomOf(name) !== room) targets.add(roomOf(name));
  }
  return graph;
}

/** Only the ground floor can hold a circle: on the others an import of a neighbour is reported by itself. */
function findCycles(sources: readonly SourceFile[]): readonly string[] {
  const graph = roomGraph(sources.filter(({ path }) => floorOf(roomOf(path)) === 0));
  const cleared = new Set<string>();
  const cycles: string[] = [];
  const walk = (room: string, way: readonly string[]) => {
    if (way.includes(room)) {
      cycles.push(
        `rooms import each other in a circle: ${[...way.slice(way.indexOf(room)), room].join(' → ')}`,
      );
    } else if (!cleared.has(room)) {
      for (const target of graph.get(room) ?? []) walk(target, [...way, room]);
      cleared.add(room);
    }
  };
  for (const room of graph.keys()) walk(room, []);
  return cycles;
}
