import { expect, it } from 'vitest';
import { doctor } from '../../orchestrator/cli/commands/doctor.ts';
import type { ClusterFindings, Unreached } from '../../orchestrator/doctor/cluster-findings.ts';
import type { MachineFindings } from '../../orchestrator/doctor/diagnose-machine.ts';
import type { DryRunObject } from '../../orchestrator/doctor/dry-run-objects.ts';
import { commandContext } from './command-context.ts';

const MACHINE: MachineFindings = {
  python: { version: '3.12.1', torch: '2.9.0' },
  cores: 2,
  memoryBytes: 16e9,
  home: '/home/ann/.stint',
  freeBytes: 100e9,
};
const NO_PYTHON = {
  trouble: { code: 'no-python-environment', what: 'no torch', todo: 'run `npm run setup`' },
} as const;

it('ends with 0 when all is well', async () => {
  const { context, printed } = commandContext({ surveyMachine: async () => MACHINE });
  expect(await doctor({ cluster: 'laptop' }, context)).toBe(0);
  expect(printed.join('\n')).toBe(`laptop: this machine

✓ ok       python  Python 3.12.1 with PyTorch 2.9.0
✓ ok       cores   2 cores for 2 training processes
✓ ok       memory  16.0 GB of memory, the profile counts on 6.44 GB
✓ ok       disk    100 GB are free under /home/ann/.stint

Everything is well.`);
});

it('ends with 2 when something is in the way, and says it in JSON as well', async () => {
  const { context, printed } = commandContext({
    surveyMachine: async () => ({ ...MACHINE, python: NO_PYTHON }),
  });
  expect(await doctor({ cluster: 'laptop', json: true }, context)).toBe(2);
  expect(JSON.parse(printed.join(''))).toMatchObject({
    cluster: 'laptop',
    ok: false,
    checks: [{ name: 'python', level: 'problem', what: 'no torch', todo: 'run `npm run setup`' }, {}, {}, {}],
  });
});

it.each(['h100-16', 'h100-8', 'h200-8', 'ethernet-16'])(
  'shows the cluster of %s what a launch would create, and hands on why it cannot be reached',
  async (cluster) => {
    let shown: readonly DryRunObject[] = [];
    const unreached: Unreached = {
      unreached: [{ code: 'no-python-environment', what: 'no kubeconfig', todo: 'log in' }],
    };
    const surveyCluster = async (
      ...[, , objects]: [unknown, unknown, readonly DryRunObject[]]
    ): Promise<ClusterFindings | Unreached> => {
      shown = objects;
      return unreached;
    };
    const { context, printed } = commandContext({ surveyCluster });
    expect(await doctor({ cluster }, context)).toBe(2);
    expect(printed.join('\n')).toContain('✗ problem  server  no kubeconfig\n');
    const kinds = shown.map(({ manifest }) => manifest.kind);
    expect(kinds).toContain('ConfigMap');
    expect(kinds.at(-1)).toBe('Pod');
    expect(shown.filter(({ queued }) => queued)).toHaveLength(1);
  },
);
