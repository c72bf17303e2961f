import { kubectl } from '../kubectl.ts';

/** A simulated node falls silent, like a dead machine: its lease runs out, it becomes NotReady, its pods stay Terminating. */
export async function loseNode(node: string): Promise<void> {
  await kubectl(['label', 'node', node, 'sim/kwok-']);
  await kubectl(['wait', `node/${node}`, '--for=condition=Ready=Unknown', '--timeout=60s']);
}

/** It answers again, and goes on with its pods. */
export async function findNode(node: string): Promise<void> {
  await kubectl(['label', 'node', node, 'sim/kwok=true', '--overwrite']);
  await kubectl(['wait', `node/${node}`, '--for=condition=Ready', '--timeout=60s']);
}
