import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { applyCommand } from '../../orchestrator/doctor/command.ts';
import { counted, listed } from '../../orchestrator/units/counted.ts';

it('writes an object as bash hands it on, whatever quotes it holds', () => {
  const object = { name: `it's "$HOME" \`x\` \\` };
  const script = applyCommand(object).replace('kubectl apply -f -', 'cat');
  expect(JSON.parse(execFileSync('bash', ['-c', script], { encoding: 'utf8' }))).toEqual(object);
});

it('lists names as one speaks, and cuts long lists', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map((names) => listed(names))).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
  expect(listed(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more');
  expect([counted(1, 'node'), counted(2, 'node'), counted(0, 'node')]).toEqual([
    '1 node',
    '2 nodes',
    '0 nodes',
  ]);
});
