import { expect, it } from 'vitest';
import { diagnoseMachine, type MachineFindings } from '../../orchestrator/doctor/diagnose-machine.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';

const laptop = await loadProfile('laptop');
const MACHINE: MachineFindings = {
  python: { version: '3.12.1', torch: '2.9.0' },
  cores: 8,
  memoryBytes: 16e9,
  home: '/home/ann/.stint',
  freeBytes: 100e9,
};
const on = (change: Partial<MachineFindings>) =>
  diagnoseMachine(laptop, { ...MACHINE, ...change }).filter(({ level }) => level !== 'ok');

it('says what a machine has that is large enough', () => {
  expect(diagnoseMachine(laptop, MACHINE).map(({ level, what }) => [level, what])).toEqual([
    ['ok', 'Python 3.12.1 with PyTorch 2.9.0'],
    ['ok', '8 cores for 2 training processes'],
    ['ok', '16.0 GB of memory, the profile counts on 6.44 GB'],
    ['ok', '100 GB are free under /home/ann/.stint'],
  ]);
});

it('hands on what is wrong with Python', () => {
  const trouble = { code: 'no-python-environment', what: 'no torch', todo: 'run `npm run setup`' } as const;
  expect(on({ python: { trouble } })).toEqual([
    { name: 'python', level: 'problem', what: 'no torch', todo: 'run `npm run setup`' },
  ]);
});

it.each<[Partial<MachineFindings>, string, string]>([
  [{ cores: 1 }, 'cores', 'warning'],
  [{ memoryBytes: 4e9 }, 'memory', 'problem'],
  [{ freeBytes: 2e9 }, 'disk', 'warning'],
  [{ freeBytes: 1e8 }, 'disk', 'problem'],
])('of %j says that %s is a %s', (change, name, level) => {
  expect(on(change)).toMatchObject([{ name, level }]);
});
