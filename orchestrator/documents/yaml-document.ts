import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import { StintError } from '../errors/stint-error.ts';
import type { FieldPath } from '../recipe/field-path.ts';
import { duplicatesIn } from './yaml-duplicates.ts';
import { excessOf, isMergeKey } from './yaml-extent.ts';
import { mistakesOf } from './yaml-mistakes.ts';

export interface YamlDocument {
  readonly file: string;
  readonly value: unknown;
  /** `file:line:column` of the field at a path, or of the nearest parent that exists. */
  readonly locate: (path: FieldPath, aboutKey?: boolean) => string;
  /** The same place as a count of characters, to sort by. */
  readonly offset: (path: FieldPath, aboutKey?: boolean) => number;
}

interface Mistake {
  readonly offset: number;
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}

/**
 * Reads YAML 1.2, in which `1e-5` is a number and `no` is text, and keeps where everything stands. Anchors, aliases and
 * merge keys (`<<`) are followed; what stands behind an alias is located where its anchor is.
 *
 * @throws StintError `yaml-syntax` with the place of each mistake; two equal keys in one map are a mistake, and so is a
 * document that holds nothing.
 */
export function readYaml(text: string, file: string): YamlDocument {
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const refuse = (mistakes: readonly Mistake[]) =>
    new StintError(
      mistakes.map(({ offset, ...said }) => ({
        code: 'yaml-syntax',
        where: place(offset),
        ...said,
      })),
    );
  const document = parsed(text, lines);
  if (document === null) throw refuse([TOO_DEEP]);
  // What is only a warning to the parser, as a tag that it does not know, would be read as something else than is written.
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) throw refuse(mistakesOf(errors));
  if (document.directives.yaml.explicit && document.directives.yaml.version !== '1.2') throw refuse([OLDER]);
  if (isEmpty(document)) throw refuse([EMPTY]);
  const excess = excessOf(document);
  if (excess) throw refuse([excess]);
  const prototypes = prototypesIn(document);
  if (prototypes.length > 0) throw refuse(prototypes.map((offset) => ({ ...PROTOTYPE, offset })));
  const twice = duplicatesIn(document.contents);
  if (twice.length > 0) throw refuse(twice.map((offset) => ({ ...TWICE, offset })));
  return {
    file,
    // What aliases stand for was counted.
    value: document.toJS({ maxAliasCount: -1 }) as unknown,
    offset: (path, aboutKey = false) => offsetOf(document, path, aboutKey),
    locate: (path, aboutKey = false) => place(offsetOf(document, path, aboutKey)),
  };
}

/** Null where it nests more deeply than the parser can follow. */
function parsed(text: string, lineCounter: LineCounter): Document.Parsed | null {
  try {
    return parseDocument(text, {
      version: '1.2',
      lineCounter,
      // Its own search for them takes time with their square.
      uniqueKeys: false,
      merge: true,
      resolveKnownTags: false,
      prettyErrors: false,
      logLevel: 'error',
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const TWICE = {
  what: 'this field stands twice in one map',
  why: 'expected each field once: of two, one would be passed over',
  todo: 'remove one of them',
};
const PROTOTYPE = {
  what: '__proto__ is no name of a field',
  why: 'expected a name that Stint can keep: what checks fields passes this one over',
  todo: 'remove it',
};
const TOO_DEEP: Mistake = {
  offset: 0,
  what: 'this file nests too deeply to be read',
  why: 'expected what a person would write',
  todo: 'write it flatter, or check that this is the file that you meant',
};
const OLDER: Mistake = {
  offset: 0,
  what: 'this file says that it is another YAML than 1.2',
  why: 'expected YAML 1.2, in which `no` is text and 012 is twelve',
  todo: 'remove the line %YAML',
};
const EMPTY: Mistake = {
  offset: 0,
  what: 'this file holds nothing',
  why: 'expected a map of fields, each as `name: value`',
  todo: 'write it, or check that this is the file that you meant',
};

/** Where a map has the one name that JavaScript takes for something else. */
function prototypesIn(document: Document.Parsed): readonly number[] {
  const found: number[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === '__proto__') found.push(key.range?.[0] ?? 0);
    },
  });
  return found;
}

const isEmpty = ({ contents }: Document.Parsed): boolean =>
  contents === null || (isScalar(contents) && contents.value === null);

/** Where a path stands in the text: its key when the key is meant, else its value; a missing field stands at its parent. */
function offsetOf(document: Document.Parsed, path: FieldPath, aboutKey: boolean): number {
  let node = followed(document, document.contents);
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, part] of path.entries()) {
    const child = step(document, node, part);
    if (child === undefined) return offset;
    const key = isPair(child) ? (child.key as Node) : child;
    const value = followed(document, isPair(child) ? (child.value as Node | null) : child);
    const last = depth === path.length - 1;
    offset = (last && !aboutKey ? value?.range?.[0] : undefined) ?? key.range?.[0] ?? offset;
    node = value;
  }
  return offset;
}

/** What an alias stands for, else the node itself. */
const followed = (document: Document.Parsed, node: Node | null): Node | null =>
  isAlias(node) ? (node.resolve(document) ?? null) : node;

function step(document: Document.Parsed, node: Node | null, part: PropertyKey): Node | Pair | undefined {
  if (isSeq(node) && typeof part === 'number') return node.items[part] as Node | undefined;
  if (!isMap(node)) return undefined;
  const own = node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(part));
  if (own) return own;
  for (const merged of node.items.filter((pair) => isMergeKey(pair.key))) {
    const sources = followed(document, merged.value as Node | null);
    for (const source of isSeq(sources) ? sources.items : [sources]) {
      const found = step(document, followed(document, source as Node | null), part);
      if (found) return found;
    }
  }
  return undefined;
}
