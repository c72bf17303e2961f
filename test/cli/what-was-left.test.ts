import { expect, it } from 'vitest';
import { whatWasLeft } from '../../orchestrator/cli/what-was-left.ts';
import { describeNow } from '../../orchestrator/run/describe-state.ts';

const many = Array.from({ length: 200 }, (_, index) => `r-${index}`);
const machineOf = (host: string) => host.split('#')[0] ?? host;

it('says one line a kind, however many runs were left', () => {
  const elsewhere = many.map((run, index) => ({ run, host: `gpu-${index % 2}#1` }));
  const lines = whatWasLeft({ interrupted: many, unattended: many, elsewhere }, machineOf);
  expect(lines).toHaveLength(4);
  expect(lines[1]).toBe(
    '200 runs are on their clusters, and no stint process works on them; take them over: stint runs resume r-0 r-1 r-2 r-3 r-4 …; `stint runs ls` names all',
  );
  expect(lines[3]).toContain('100 runs were left on gpu-1');
});

it('names the one that was, with the command to copy', () => {
  const none = { interrupted: [], unattended: [], elsewhere: [] };
  expect(whatWasLeft(none, machineOf)).toEqual([]);
  expect(whatWasLeft({ ...none, unattended: ['r-1'] }, machineOf)).toEqual([
    'r-1 is on its cluster, and no stint process works on it; take it over: stint runs resume r-1',
  ]);
});

it('says of a run that goes on where it is, by its cluster', () => {
  const running = { kind: 'running', stage: 'train', launch: 2, attempt: 2, over: null } as const;
  expect(describeNow(running, 'queued')).toBe('queued: train, attempt 2');
  expect(describeNow({ ...running, stage: 'evaluate', attempt: 1 }, 'evaluating')).toBe('evaluating');
  expect(describeNow({ kind: 'stopped', message: 'cancelled by a person' }, 'stopped')).toBe(
    'stopped: cancelled by a person',
  );
});
