import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';

/** Deeper and larger than any recipe, profile or price book, and small enough for everything that reads them. */
const DEEPEST = 64;
const MOST_VALUES = 100_000;
/** The parser looks for the target of each through the whole file. */
const MOST_ALIASES = 500;

export interface Excess {
  readonly offset: number;
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}

/** Merges the fields of other maps into its own: a plain `<<`. Between quotes it is the name of a field. */
export const isMergeKey = (key: unknown): boolean => isScalar(key) && typeof key.value === 'symbol';

/**
 * What of a document cannot be taken as a plain value: aliases without a target or within it, more values than anybody
 * writes (a few aliases of aliases stand for billions), too deep nesting, and maps or lists as names of fields. Null where
 * all is well.
 */
export function excessOf(document: Document.Parsed): Excess | null {
  const walk = new Walk();
  return walk.count(document.contents, 0).excess;
}

/** Values that a node stands for, its aliases followed, up to the first thing that is wrong. */
interface Extent {
  readonly values: number;
  readonly excess: Excess | null;
}

/** Goes through a document in the order in which it is written, so that an anchor is known when its aliases come. */
class Walk {
  readonly #counts = new Map<Node, number>();
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #aliases = 0;

  count(node: unknown, depth: number): Extent {
    if (isPair(node)) return this.#ofPair(node, depth);
    if (!isNode(node)) return { values: 0, excess: null };
    if (isAlias(node)) return this.#ofAlias(node);
    if (depth > DEEPEST)
      return excess(node, 'this nests too deeply', `expected at most ${DEEPEST} levels`, 'write it flatter');
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    this.#open.add(node);
    const extent = isMap(node) || isSeq(node) ? this.#sum(node, node.items, depth + 1) : ONE;
    this.#open.delete(node);
    this.#counts.set(node, extent.values);
    return extent;
  }

  #sum(of: Node, parts: readonly unknown[], depth: number): Extent {
    let values = 1;
    for (const part of parts) {
      const extent = this.count(part, depth);
      if (extent.excess) return extent;
      values += extent.values;
      if (values > MOST_VALUES)
        return excess(
          of,
          `this stands for more than ${MOST_VALUES} values, its aliases counted`,
          'expected what a person would write',
          'write out what is meant, with fewer aliases of aliases',
        );
    }
    return { values, excess: null };
  }

  #ofPair({ key, value }: Pair, depth: number): Extent {
    if (isNode(key) && !isScalar(key))
      return excess(
        key,
        'a map, a list or an alias stands here as the name of a field',
        'expected text in front of a colon',
        'put quotes around it if it is text, such as "{{ name }}"',
      );
    if (isScalar(key)) this.count(key, depth);
    const extent = this.count(value, depth);
    if (extent.excess || !isMergeKey(key) || this.#isMergeable(value)) return extent;
    return excess(
      key,
      'the merge key << takes the fields of maps, and this is none',
      'expected <<: *name, where &name is at a map, or a list of these',
      'name a map, or put quotes around "<<" if it is the name of a field',
    );
  }

  #isMergeable(value: unknown): boolean {
    const sources = this.#target(value);
    const each = isSeq(sources) ? sources.items : [sources];
    return each.every((part) => isMap(this.#target(part)));
  }

  readonly #target = (node: unknown): unknown => (isAlias(node) ? this.#anchors.get(node.source) : node);

  #ofAlias(alias: Node & { readonly source: string }): Extent {
    const target = this.#anchors.get(alias.source);
    const why = 'expected &name at a value further up, and *name where it shall stand again';
    this.#aliases += 1;
    if (this.#aliases > MOST_ALIASES)
      return excess(
        alias,
        `there are more than ${MOST_ALIASES} aliases up to here`,
        why,
        'write out what is meant',
      );
    if (target === undefined)
      return excess(
        alias,
        `there is no anchor &${alias.source} before this alias`,
        why,
        'name one that is there',
      );
    if (this.#open.has(target))
      return excess(
        alias,
        `the alias *${alias.source} is a part of what it stands for`,
        why,
        'write out what is meant',
      );
    return { values: this.#counts.get(target) ?? 1, excess: null };
  }
}

const ONE: Extent = { values: 1, excess: null };

const excess = (at: unknown, what: string, why: string, todo: string): Extent => ({
  values: 0,
  excess: { offset: (isNode(at) ? at.range?.[0] : undefined) ?? 0, what, why, todo },
});
