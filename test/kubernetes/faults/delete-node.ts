import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { SOURCE } from '../../../ops/test-cluster/layout.ts';
import { kubectl } from '../kubectl.ts';
import { findNode } from './lose-node.ts';

/** A simulated node goes for good; pod garbage collection fails its pods 50 to 60 s later. */
export async function deleteNode(node: string): Promise<void> {
  // First out of KWOK's hands, or it would end the pods in good order.
  await kubectl(['label', 'node', node, 'sim/kwok-']);
  await kubectl(['delete', 'node', node]);
}

/** The machine is replaced by one of the same name. */
export async function replaceNode(node: string): Promise<void> {
  const objects = parseAllDocuments(readFileSync(join(SOURCE, 'objects', 'simulated.yaml'), 'utf8')).map(
    (document) => document.toJS() as { kind: string; metadata: { name: string } },
  );
  const object = objects.find(({ kind, metadata }) => kind === 'Node' && metadata.name === node);
  await kubectl(['apply', '--server-side', '--force-conflicts', '--filename=-'], JSON.stringify(object));
  await findNode(node);
}
