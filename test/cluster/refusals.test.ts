import { expect, test } from 'vitest';
import { refusalOf, whyNoPods } from '../../cluster/kubernetes/objects/refusals.ts';

const refused = (name: string, message: string, second: number, time = 'lastTimestamp') =>
  refusalOf({
    metadata: { creationTimestamp: '2026-01-01T00:00:00Z' },
    involvedObject: { kind: 'Job', name },
    message,
    [time]: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  });
const START = Date.UTC(2026, 0, 1);
const NO_QUOTA =
  'Error creating: pods "r1-train-a1-node-0-1-x2j4k" is forbidden: exceeded quota: none, limited: requests.nvidia.com/gpu=0';

test('why no pods come is told in the words of the last refusal, without the name of a pod that never was', () => {
  const refusals = [
    refused('r1-train-a1-node-0', 'Error creating: too early', 3),
    refused('r1-train-a1-node-0', NO_QUOTA, 9, 'eventTime'),
    refused('r1-train-a1-node-0', 'Error creating: earlier', 5),
  ];
  const told = 'its pods are forbidden: exceeded quota: none, limited: requests.nvidia.com/gpu=0';
  expect(whyNoPods('r1-train-a1', START, refusals)).toBe(told);
  expect(whyNoPods('r1-train-a1-node-0', START, refusals)).toBe(told);
});

test('what was refused before, or to another job, says nothing', () => {
  const refusals = [refused('r1-train-a1', NO_QUOTA, 3), refused('r1-train-a10', NO_QUOTA, 9)];
  expect(whyNoPods('r1-train-a1', START + 4_000, refusals)).toBe('');
  expect(whyNoPods('r1-train-a2', START, refusals)).toBe('');
});
