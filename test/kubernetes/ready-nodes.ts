import { kubectl } from './kubectl.ts';

/** On a machine that is busy, a node may miss a sign of life for a moment; tests of other things begin after it. */
export async function readyNodes(): Promise<void> {
  await kubectl(['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s']);
}
