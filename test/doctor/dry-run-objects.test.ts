import { expect, it } from 'vitest';
import { dryRunObjects } from '../../orchestrator/doctor/dry-run-objects.ts';

const pod = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'trainer', image: 'i' }] } };
const owner = (spec: object, labels: Readonly<Record<string, string>> = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Owner',
  metadata: { name: 'x', namespace: 'training', labels },
  spec,
});

it('makes a pod as the controller of each kind would', () => {
  const asJob = { template: pod };
  const asJobSet = {
    replicatedJobs: [{ name: 'node', template: { spec: { completions: 2, template: pod } } }],
  };
  for (const spec of [asJob, asJobSet])
    expect(dryRunObjects([owner(spec)])[1]).toEqual({
      queued: false,
      manifest: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'x-0', namespace: 'training', labels: { a: 'b' } },
        spec: { containers: [{ name: 'trainer', image: 'i' }] },
      },
    });
});

it('leaves it to the queue to hold back what names one, and changes nothing else', () => {
  const spec = { suspend: true, template: pod };
  const queued = owner(spec, { 'kueue.x-k8s.io/queue-name': 'team' });
  expect(dryRunObjects([queued])[0]).toEqual({
    queued: true,
    manifest: { ...queued, spec: { template: pod } },
  });
  expect(dryRunObjects([owner(spec)])[0]).toEqual({ queued: false, manifest: owner(spec) });
});

it('makes no pod of what has none', () => {
  expect(dryRunObjects([owner({ selector: null })])).toHaveLength(1);
  const patch = { spec: { containers: [{ name: 'trainer', env: [] }] } };
  expect(dryRunObjects([owner({ runtimePatches: [{ template: patch }] })])).toHaveLength(1);
});
