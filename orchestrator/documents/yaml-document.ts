import {
  type Document,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml';
import { StintError } from '../errors/stint-error.ts';
import type { FieldPath } from '../recipe/field-path.ts';

export interface YamlDocument {
  readonly file: string;
  readonly value: unknown;
  /** `file:line:column` of the field at a path, or of the nearest parent that exists. */
  readonly locate: (path: FieldPath, aboutKey?: boolean) => string;
  /** The same place as a count of characters, to sort by. */
  readonly offset: (path: FieldPath, aboutKey?: boolean) => number;
}

/**
 * Reads YAML 1.2, in which `1e-5` is a number and `no` is text, and keeps where everything stands.
 *
 * @throws StintError `yaml-syntax` with the place of each mistake; two equal keys in one map are a mistake.
 */
export function readYaml(text: string, file: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: false,
  });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw new StintError(
      document.errors.map((error) => ({
        code: 'yaml-syntax',
        blame: 'input',
        where: place(error.pos[0]),
        what: `this is not valid YAML: ${error.message}`,
        todo: 'mend the syntax at that place',
      })),
    );
  }
  return {
    file,
    value: document.toJS() as unknown,
    offset: (path, aboutKey = false) => offsetOf(document, path, aboutKey),
    locate: (path, aboutKey = false) => place(offsetOf(document, path, aboutKey)),
  };
}

/** Where a path stands in the text: its key when the key is meant, else its value; a missing field stands at its parent. */
function offsetOf(document: Document.Parsed, path: FieldPath, aboutKey: boolean): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, part] of path.entries()) {
    const child: Node | Pair | undefined = step(node, part);
    if (child === undefined) return offset;
    const key = isPair(child) ? (child.key as Node) : child;
    const value = isPair(child) ? (child.value as Node | null) : child;
    const last = depth === path.length - 1;
    offset = (last && !aboutKey ? value?.range?.[0] : undefined) ?? key.range?.[0] ?? offset;
    node = value;
  }
  return offset;
}

function step(node: Node | null, part: PropertyKey): Node | Pair | undefined {
  if (isMap(node))
    return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(part));
  if (isSeq(node) && typeof part === 'number') return node.items[part] as Node | undefined;
  return undefined;
}
