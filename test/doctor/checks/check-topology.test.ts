import { expect, it } from 'vitest';
import { checkTopology } from '../../../orchestrator/doctor/checks/check-topology.ts';
import type { QueueFindings } from '../../../orchestrator/doctor/cluster-findings.ts';
import { there } from '../../../orchestrator/doctor/found.ts';
import { ABSENT, FORBIDDEN, queueFindings } from '../fixtures.ts';

const on = (change: Partial<QueueFindings>, level = 'block') =>
  checkTopology({ name: 'team', topology: { level } }, queueFindings(change));

it('asks for nothing where the profile names no level', () => {
  expect(checkTopology({ name: 'team' }, queueFindings())).toEqual([]);
});

it('names the levels that there are in place of one that is not', () => {
  expect(on({}, 'rack')).toEqual([
    {
      name: 'topology',
      level: 'problem',
      what: 'topology blocks has no level rack',
      todo: 'name one of its levels in backend.queue.topology.level: block and kubernetes.io/hostname',
    },
  ]);
  expect(on({ topologies: { blocks: ABSENT } })[0]?.todo).toBe('kubectl get topology blocks -o yaml');
});

it('finds flavors that have no topology', () => {
  const flavors = { h100: there({ nodeLabels: {}, tolerations: [], topology: undefined }) };
  expect(on({ flavors })).toMatchObject([
    {
      level: 'problem',
      what: 'no flavor of the queue has a topology, so nothing can be placed by block',
      todo: expect.stringContaining('kubectl edit resourceflavor h100') as string,
    },
  ]);
});

it('warns of what may not be seen', () => {
  expect(on({ flavors: { h100: FORBIDDEN('get resourceflavors') } })).toMatchObject([
    { level: 'warning', what: 'the level block cannot be looked at: you may not get resourceflavors' },
  ]);
  expect(on({ topologies: { blocks: FORBIDDEN('get topologies') } })).toMatchObject([{ level: 'warning' }]);
});
