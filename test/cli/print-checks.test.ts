import { expect, it } from 'vitest';
import { printChecks, summary } from '../../orchestrator/cli/print-checks.ts';
import { ok, problem, warning } from '../../orchestrator/doctor/check.ts';

const CHECKS = [
  problem(
    'queue',
    'there is no queue',
    'kubectl apply --a-command that-is-longer-than-the-line -f queue.yaml\nor use another queue, one that is there',
  ),
  ok('server', 'it answers'),
  warning('service account', 'it cannot be looked at because of rights', 'ask'),
];

it('aligns checks, puts problems last, wraps words and never a command', () => {
  expect(printChecks(CHECKS, 60)).toBe(
    [
      '✓ ok       server           it answers',
      '! warning  service account  it cannot be looked at because',
      '                            of rights',
      '                            to do: ask',
      '✗ problem  queue            there is no queue',
      '                            to do: kubectl apply --a-command that-is-longer-than-the-line -f queue.yaml',
      '                                   or use another queue, one',
      '                                   that is there',
    ].join('\n'),
  );
});

it('sums up', () => {
  expect(summary(CHECKS)).toBe('1 problem, 1 warning. Runs will not work before the problems are fixed.');
  expect(summary(CHECKS.slice(1))).toBe('1 warning. Runs can work.');
  expect(summary(CHECKS.slice(1, 2))).toBe('Everything is well.');
});
