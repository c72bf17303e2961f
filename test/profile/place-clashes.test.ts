import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import type { StintError } from '../../orchestrator/errors/stint-error.ts';
import { placeClashes } from '../../orchestrator/profile/place-clashes.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { EVERY_FIELD } from './every-field.ts';

const HOSTNAME = 'kubernetes.io/hostname';

/** What is said of a profile whose backend has this as well, by field. */
async function saidOf(more: object, nodes = 2): Promise<readonly (string | undefined)[]> {
  const file = join(temporaryFolder(), 'cluster.yaml');
  writeFileSync(file, stringify({ ...EVERY_FIELD, nodes, backend: { ...EVERY_FIELD.backend, ...more } }));
  return loadProfile(file).then(
    () => [],
    (error: unknown) =>
      (error as StintError).problems.map(({ where, what }) => `${/:\d+:\d+$/.test(where ?? '')} ${what}`),
  );
}

const onOneNode = (demand: string) => ({
  onePodPerNode: true,
  queue: { name: 'q', topology: { level: HOSTNAME, demand } },
});

test('pods that take a node each are not asked for on one node, by whichever field', async () => {
  expect(await saidOf(onOneNode('required'))).toEqual([`true backend.queue.topology.level is "${HOSTNAME}"`]);
  expect(await saidOf({ onePodPerNode: true, nodeSelector: { [HOSTNAME]: 'gpu-1' } })).toEqual([
    `true backend.nodeSelector.${HOSTNAME} is "gpu-1"`,
  ]);
});

test('one node is asked for where one is enough, or may hold several, or is a wish alone', async () => {
  expect(await saidOf(onOneNode('preferred'))).toEqual([]);
  expect(await saidOf(onOneNode('required'), 1)).toEqual([]);
  expect(await saidOf({ ...onOneNode('required'), onePodPerNode: false })).toEqual([]);
  expect(await saidOf({ nodeSelector: { 'example.com/pool': 'a' }, onePodPerNode: true })).toEqual([]);
});

test('each such field is told by itself', () => {
  const backend = {
    onePodPerNode: true,
    nodeSelector: { [HOSTNAME]: 'gpu-1' },
    queue: { name: 'q', topology: { level: HOSTNAME, demand: 'required' as const } },
  };
  expect(placeClashes(backend, 3).map(({ path }) => path.join('.'))).toEqual([
    `nodeSelector.${HOSTNAME}`,
    'queue.topology.level',
  ]);
});
