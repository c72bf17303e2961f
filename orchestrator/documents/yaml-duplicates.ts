import { isMap, isPair, isScalar, isSeq } from 'yaml';
import { isMergeKey } from './yaml-extent.ts';

/** Where fields stand that stood in the same map before: of two, one would be passed over. */
export function duplicatesIn(node: unknown): readonly number[] {
  if (isPair(node)) return duplicatesIn(node.value);
  if (isSeq(node)) return node.items.flatMap(duplicatesIn);
  if (!isMap(node)) return [];
  const seen = new Set<string>();
  return node.items.flatMap((pair) => {
    const inside = duplicatesIn(pair.value);
    if (!isScalar(pair.key) || isMergeKey(pair.key)) return inside;
    const name = String(pair.key.value);
    const isTwice = seen.has(name);
    seen.add(name);
    return isTwice ? [pair.key.range?.[0] ?? 0, ...inside] : inside;
  });
}
