import { cpSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Store } from '../../orchestrator/ports/store.ts';
import { openSnapshot } from '../../orchestrator/store/open-snapshot.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { runRecord, temporaryFolder } from './fixtures.ts';

const refused = { problems: [{ code: 'store-read-only' }] };
const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith('stint-snapshot-')).length;

test('has what was recorded, also what is in the write-ahead log only, and refuses every change', async () => {
  const before = copies();
  const folder = temporaryFolder();
  const file = join(folder, 'stint.db');
  const writer = await openStore(file);
  const record = runRecord({ id: 'r-1' });
  await writer.runs.create([record]);
  // As a crash leaves it, or a copy of the folder: the log has not been written back, and has no index.
  const left = join(temporaryFolder(), 'stint.db');
  for (const end of ['', '-wal']) cpSync(`${file}${end}`, `${left}${end}`);
  for (const path of [file, left]) {
    const snapshot = await openSnapshot(path);
    expect((await snapshot.runs.list()).map(({ id }) => id)).toEqual(['r-1']);
    await snapshot.usage.replace([]);
    for (const outcome of await Promise.allSettled(changes(snapshot)))
      expect(outcome).toMatchObject({ status: 'rejected', reason: refused });
    await snapshot.close();
  }
  await writer.close();
  expect(copies()).toBe(before);
});

const changes = (store: Store): readonly Promise<unknown>[] => [
  store.runs.create([runRecord({ id: 'r-2' })]),
  store.runs.append('r-1', 0, 0, []),
  store.ledger.record([]),
  store.budgets.apply([], 0),
  store.steps.record('r-1', []),
  store.leases.acquire({ run: 'r-1', owner: 'x', pid: 1, heartbeatAt: 0 }, 1),
  store.requests.ask('r-1', 'cancel', 0),
];

test('what is no store is called so, and no copy is left', async () => {
  const before = copies();
  await expect(openSnapshot(join(temporaryFolder(), 'absent.db'))).rejects.toThrow(
    /cannot be opened|no such file/,
  );
  expect(copies()).toBe(before);
});
