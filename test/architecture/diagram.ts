import { FLOORS } from './floors.ts';
import type { SourceFile } from './source-file.ts';
import { roomGraph } from './violations.ts';

const START = /^<!-- diagram: .*-->$/m;
const END = '<!-- /diagram -->';

/**
 * The rooms that exist, a box a floor, and who imports whom, as a Mermaid flowchart. An arrow is left out where a
 * longer way says the same: it would only hide the others.
 */
export function drawDiagram(sources: readonly SourceFile[]): string {
  const graph = roomGraph(sources);
  const id = (room: string) => room.replaceAll('/', '_');
  const boxes = FLOORS.toReversed().flatMap(({ name, rooms }) => {
    const inside = rooms.filter((room) => graph.has(room)).map((room) => `    ${id(room)}["${room}"]`);
    return inside.length === 0 ? [] : [`  subgraph ${name}`, ...inside, '  end'];
  });
  const arrows = [...graph].flatMap(([room, targets]) =>
    [...targets]
      .filter((target) => ![...targets].some((other) => other !== target && reaches(graph, other, target)))
      .map((target) => `  ${id(room)} --> ${id(target)}`),
  );
  return ['```mermaid', 'flowchart TD', ...boxes, ...arrows.toSorted(), '```'].join('\n');
}

function reaches(graph: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let room = open.pop(); room !== undefined; room = open.pop()) {
    if (room === to) return true;
    if (seen.has(room)) continue;
    seen.add(room);
    open.push(...(graph.get(room) ?? []));
  }
  return false;
}

/** `page` with `diagram` between its marks; throws when it has none. */
export function placeDiagram(page: string, diagram: string): string {
  const start = START.exec(page);
  const end = page.indexOf(END);
  if (start === null || end < start.index)
    throw new Error(`the page lacks the marks <!-- diagram: … --> and ${END}`);
  return `${page.slice(0, start.index + start[0].length)}\n${diagram}\n${page.slice(end)}`;
}
