import { describe, expect, onTestFinished, test } from 'vitest';
import { readInventory } from '../../../cluster/kubernetes/inspect/read-inventory.ts';
import { checkLeaks } from '../../../orchestrator/doctor/leaks.ts';
import { DeadlinesSchema } from '../../../orchestrator/profile/deadlines.ts';
import type { RunRecord } from '../../../orchestrator/run/run-record.ts';
import { kubectl } from '../kubectl.ts';
import { IN, NAMESPACE } from './simulated-runs.ts';
import { simulatedSuite } from './suite.ts';

const { open, expectSettled } = simulatedSuite();
const FIRST_ONLY = { 'sim/fail-attempts': '1' };

interface End {
  readonly sim: Readonly<Record<string, string>>;
  readonly state: object;
  /** Of each attempt that did not succeed. */
  readonly causes: readonly RegExp[];
}

const failed = (failure: string, exitClass: string) => ({
  kind: 'failed',
  failure,
  exitClass,
  stage: 'train',
});

describe('training whose containers exit with', () => {
  test.for<[string, End]>([
    [
      '1, which explains nothing, is not tried again',
      {
        sim: { 'sim/exit-code': '1' },
        state: failed('infrastructure', 'unknown'),
        causes: [/^train: unknown: .* exited with code 1 and left no message/],
      },
    ],
    [
      '64, a mistake of usage, is not tried again',
      {
        sim: { 'sim/exit-code': '64' },
        state: failed('configuration', 'usage'),
        causes: [/^train: usage: /],
      },
    ],
    [
      '65, unusable data, is not tried again',
      { sim: { 'sim/exit-code': '65' }, state: failed('user', 'data'), causes: [/^train: data: /] },
    ],
    [
      '75, saved before its end, goes on',
      {
        sim: { 'sim/exit-code': '75', ...FIRST_ONLY },
        state: { kind: 'succeeded' },
        causes: [/^train: interrupted: /],
      },
    ],
    [
      '80 each time is started again by its JobSet up to the cap, and has failed then',
      {
        sim: { 'sim/exit-code': '80', 'sim/run': '1s' },
        state: failed('infrastructure', 'infrastructure'),
        causes: Array.from({ length: 4 }, () => /^train: infrastructure: /),
      },
    ],
    [
      '82, machines that are not what the profile says, is tried once more in a new job, and has failed then',
      {
        sim: { 'sim/exit-code': '82', 'sim/run': '1s' },
        state: {
          ...failed('infrastructure', 'unfit'),
          message: expect.stringMatching(
            /measured twice, the second time away from the first nodes/,
          ) as string,
        },
        causes: [/^train: unfit: /, /^train: unfit: /],
      },
    ],
    [
      '137 by a kill goes on',
      {
        sim: { 'sim/exit-code': '137', ...FIRST_ONLY },
        state: { kind: 'succeeded' },
        causes: [/^train: infrastructure: .* was ended by SIGKILL/],
      },
    ],
    [
      '137 for want of memory is not tried again, and its JobSet is kept from doing so',
      {
        sim: { 'sim/exit-code': '137', 'sim/reason': 'OOMKilled' },
        state: failed('user', 'out-of-memory'),
        causes: [/^train: out-of-memory: the kernel ended it for want of host memory/],
      },
    ],
  ])('%s', async ([, { sim, state, causes }]) => {
    const here = await open();
    const record = await here.launch({ sim });
    expect((await here.control(record).done).state).toMatchObject(state);
    const { attempts } = await expectSettled(here, record);
    const unsuccessful = attempts.filter(({ cause }) => cause !== 'succeeded');
    expect(unsuccessful.map(({ cause }) => cause)).toEqual(
      causes.map((cause) => expect.stringMatching(cause) as string),
    );
  });
});

describe('a queue has reserved the quota', () => {
  const deadlines = DeadlinesSchema.parse({ pending: '4s', quotaWithoutPods: '4s' });

  test('and no node takes the pods: named in the scheduler’s words, and ended', async () => {
    const here = await open();
    const record = await here.launch({
      backend: { queue: { name: 'training-flat' }, nodeSelector: { 'example.com/rack': 'none' }, deadlines },
    });
    const { done } = here.control(record);
    expect((await done).state).toMatchObject({
      kind: 'failed',
      failure: 'infrastructure',
      message: expect.stringMatching(
        /no node takes .*: 0\/\d+ nodes are available: .*; ended after 4\.0 s of it \(after 3 retries\)/,
      ),
    });
    const { attempts, held } = await expectSettled(here, record);
    expect(attempts).toHaveLength(4);
    expect(held).toEqual([]);
  });

  test('and nobody makes the pods: named, and ended', async () => {
    await kubectl(['create', 'quota', 'no-devices', IN, '--hard=requests.nvidia.com/gpu=0']);
    onTestFinished(async () => {
      await kubectl(['delete', 'quota', 'no-devices', IN]);
    });
    const here = await open();
    // Whoever may not make them says so in events, which a busy cluster writes late.
    const patient = {
      ...deadlines,
      quotaWithoutPods: DeadlinesSchema.parse({ quotaWithoutPods: '10s' }).quotaWithoutPods,
    };
    const record = await here.launch({ backend: { queue: { name: 'training-flat' }, deadlines: patient } });
    const { done } = here.control(record);
    expect(await leakOf(record)).toMatch(
      new RegExp(`^the queue has kept 16 devices for ${record.id} \\(workload .*, and it has no pod$`),
    );
    expect((await done).state).toMatchObject({
      kind: 'failed',
      failure: 'infrastructure',
      message: expect.stringMatching(
        /is admitted, and there is no pod of it yet: its pods are forbidden: exceeded quota: no-devices, .*; ended after/,
      ),
    });
    const { held } = await expectSettled(here, record);
    expect(held).toEqual([]);
  });
});

/** What doctor says of quota that is kept for the run, once it is; as it would a minute later. */
async function leakOf({ id }: RunRecord): Promise<string> {
  const place = { context: undefined, namespace: NAMESPACE, deviceResource: 'nvidia.com/gpu' };
  const known = new Map([[id, { isAtRest: false, held: 0, planned: 1 }]]);
  const signal = AbortSignal.timeout(60_000);
  for (;;) {
    const inventory = await readInventory({ ...place, signal });
    const checks = checkLeaks(inventory, known, Date.now() + 120_000);
    const leak = checks.find(({ level, what }) => level === 'warning' && what.includes(id));
    if (leak) return leak.what;
  }
}
