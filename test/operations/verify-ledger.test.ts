import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { refreshUsage } from '../../orchestrator/controller/refresh-usage.ts';
import type { LedgerFact } from '../../orchestrator/ledger/fact.ts';
import { verifyLedger } from '../../orchestrator/operations/verify-ledger.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { boundFact, runRecord, temporaryFolder } from '../store/fixtures.ts';

const HOUR = 3_600_000;
const ended = (run: string, pod: string, at: number, seen = true): LedgerFact => ({
  kind: 'ended',
  key: `${pod}:end`,
  run,
  pod,
  at,
  seen,
});

test('sums equal what the facts say, also of a pod that goes on, until somebody changes them', async () => {
  const file = join(temporaryFolder(), 'stint.db');
  const store = await openStore(file);
  let now = 5 * HOUR;
  const workplace = { store, now: () => now, isAlive: () => true };
  await store.runs.create([runRecord()]);
  const { id } = runRecord();
  const attend = () => store.leases.acquire({ run: id, owner: 'o', pid: 1, heartbeatAt: now }, 1);
  await attend();
  await store.ledger.record([
    boundFact(id, 'p'),
    ended(id, 'p', HOUR),
    boundFact(id, 'goes-on', 2 * HOUR),
    boundFact('r-unknown', 'q', HOUR),
    ended('r-unknown', 'q', 2 * HOUR, false),
    ended('r-unknown', 'never-bound', HOUR),
  ]);
  const held = (HOUR - 1_000 + 3 * HOUR) * 8;
  const expected = {
    runs: 2,
    pods: 3,
    facts: 6,
    gpuMilliseconds: held,
    doubtfulPods: 1,
    doubtfulMilliseconds: 8 * HOUR,
    unboundPods: ['r-unknown never-bound'],
    wrong: [],
  };
  expect(await verifyLedger(workplace)).toEqual(expected);
  now += 1;
  expect(await verifyLedger(workplace)).toEqual({ ...expected, gpuMilliseconds: held + 8 });
  // Its process is gone: nobody knows for how long its pod has held its devices.
  now += HOUR;
  expect(await verifyLedger(workplace)).toEqual({
    ...expected,
    gpuMilliseconds: held - 3 * HOUR * 8,
    doubtfulPods: 2,
    doubtfulMilliseconds: 8 * HOUR + (4 * HOUR + 1) * 8,
  });

  await refreshUsage(workplace);
  new DatabaseSync(file).exec(
    "update usage_days set held = held + 8, phase_starting = phase_starting + 8 where pod = 'q'",
  );
  expect((await verifyLedger(workplace)).wrong).toEqual(['r-unknown q']);
  await expect(store.usage.sum({ by: [] })).rejects.toThrow(/add up to/);
});
