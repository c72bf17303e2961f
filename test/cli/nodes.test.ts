import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodes } from '../../orchestrator/cli/commands/nodes.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import type { Inventory, PodUse } from '../../orchestrator/doctor/node-use.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { node } from '../doctor/fixtures.ts';
import { runRecord, temporaryFolder } from '../store/fixtures.ts';
import { commandContext } from './command-context.ts';

const pod = (name: string, run: string | undefined): PodUse => ({
  name,
  namespace: 'training',
  node: 'n0',
  run,
  team: run === 'r-2' ? 'vision' : undefined,
  project: undefined,
  devices: 2,
  terminating: false,
});
const H100 = { 'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3' };
const INVENTORY: Inventory = {
  nodes: [
    node('n0', { cordoned: true, labels: H100 }),
    node('n1', { taints: [], labels: H100 }),
    node('a100', { labels: { 'nvidia.com/gpu.product': 'A100' } }),
  ],
  pods: [pod('a', 'r-1'), pod('b', 'r-2'), pod('c', undefined)],
  reservations: [],
  seesAllPods: true,
};
const readInventory = async () => INVENTORY;
const noHome = async (): Promise<never> => {
  throw new StintError({ code: 'no-home', what: 'no runs', todo: 'launch' });
};

it('lists nodes where nothing was launched yet, and judges no pod of somebody else', async () => {
  const { context, printed, told } = commandContext({ readInventory, openWorkplace: noHome });
  expect(await nodes({ cluster: 'h100-16' }, context)).toBe(0);
  expect(printed.join('\n').replaceAll(/ +$/gm, '')).toBe(
    `NODE   STATE             DEVICES   FREE   HELD BY                 FAILURES   TAINTS
n0     ready, cordoned         8      2   other 2, r-1 2, r-2 2          0   nvidia.com/gpu:NoSchedule
n1     ready                   8      8   -                              0   -

POD OF NO RUN AT WORK HERE   NODE   DEVICES   RUN             WHY
a                            n0           2   r-1             run of another store
b                            n0           2   r-2 of vision   run of another store`,
  );
  expect(told).toEqual([
    '1 more node with nvidia.com/gpu is not of this profile (backend.nodeSelector).',
    'Not known in /home/ann/.stint: r-1 and r-2 of vision. Another store launched it and says how it is; ask whoever that is before you touch it.',
  ]);
});

it('knows the runs of the store: which rest, and where machines failed them', async () => {
  const store = await openStore(join(temporaryFolder(), 'stint.db'));
  const profile = await loadProfile('h100-16');
  await store.runs.create([runRecord({ id: 'r-1', profile }), runRecord({ id: 'r-2', profile, arm: 'x' })]);
  const failed = { stage: 'train', attempt: 1, exitClass: 'infrastructure', message: 'lost' } as const;
  await store.runs.append('r-1', 0, 1, [
    { type: 'stage-launched', stage: 'train', attempt: 1 },
    { type: 'attempt-ended', ...failed, nodes: ['n0'] },
    { type: 'failed', failure: 'infrastructure', ...failed },
  ]);
  const openWorkplace = async () => ({ store }) as Workplace;
  const inventory = { ...INVENTORY, seesAllPods: false };
  const { context, printed, told } = commandContext({ readInventory: async () => inventory, openWorkplace });
  expect(await nodes({ cluster: 'h100-16' }, context)).toBe(0);
  expect(printed.join('\n')).toMatch(/^n0 .* 1 {3}nvidia/m);
  expect(printed.join('\n')).toMatch(/^a .*run is at rest/m);
  expect(told).toEqual([
    '1 more node with nvidia.com/gpu is not of this profile (backend.nodeSelector).',
    'Only pods of namespace training can be seen: others may hold what looks free.',
    'r-1: at rest here, but its pods have not ended; see: stint runs show r-1',
  ]);
  await store.close();
});

it('says that a profile of this machine has no nodes', async () => {
  const { context } = commandContext({});
  await expect(nodes({ cluster: 'laptop' }, context)).rejects.toMatchObject({
    problems: [
      { code: 'no-nodes', todo: expect.stringContaining('stint doctor --cluster laptop') as string },
    ],
  });
});

it('does not swallow any other error', async () => {
  const broken = async (): Promise<never> => {
    throw new StintError({ code: 'store-busy', what: 'x', todo: 'y' });
  };
  const { context } = commandContext({ readInventory, openWorkplace: broken });
  await expect(nodes({ cluster: 'h100-16' }, context)).rejects.toMatchObject({
    problems: [{ code: 'store-busy' }],
  });
});
