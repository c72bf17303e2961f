import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runManifests } from '../../orchestrator/controller/run-manifests.ts';
import type { RunHistory } from '../../orchestrator/ports/store.ts';
import { boundFact, runRecord, temporaryFolder } from '../store/fixtures.ts';

const EMPTY: RunHistory = { events: [], facts: [], steps: [], checkpoints: [], evaluation: null };

/** The first of a life's events and facts: whoever looks later sees more of both. */
const historyOf = (events: number, facts: number): RunHistory => ({
  ...EMPTY,
  events: Array.from({ length: events }, (_, index) => ({
    seq: index + 1,
    at: index,
    event: { type: 'warned', message: String(index) },
  })),
  facts: Array.from({ length: facts }, (_, index) => boundFact(runRecord().id, `p-${index}`)),
});

function folders() {
  const root = temporaryFolder();
  const record = runRecord();
  return { root, record, manifests: runManifests(({ id }) => join(root, id)), own: join(root, record.id) };
}

test('a run is read as it was asked for, and what was kept first stays', async () => {
  const { record, manifests } = folders();
  await manifests.begin(record);
  await manifests.begin({ ...record, name: 'another' });
  expect(await manifests.read(record)).toEqual({ record, history: null, unreadable: [] });
});

test('in whatever order processes keep what they know, nothing that one of them knew is lost', async () => {
  const counts = fc.integer({ min: 0, max: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(counts, counts), { minLength: 1, maxLength: 6 }), async (kept) => {
      const { root } = folders();
      const manifests = runManifests(({ id }) => join(root, id));
      for (const [events, facts] of kept) await manifests.keep(runRecord(), historyOf(events, facts));
      const { history, unreadable } = await manifests.read(runRecord());
      const most = (which: 0 | 1) => Math.max(...kept.map((each) => each[which]));
      expect(history).toEqual(historyOf(most(0), most(1)));
      expect(unreadable).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test('what was changed since, or belongs to another run, is named and not believed', async () => {
  const { own, record, manifests, root } = folders();
  await manifests.begin(record);
  await manifests.keep(record, historyOf(2, 2));
  const file = join(own, 'record', 'run.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('laptop', 'another'));
  const kept = join(own, 'record', 'history-2-2.json');
  writeFileSync(kept, readFileSync(kept, 'utf8').slice(0, -20));
  expect(await manifests.read(record)).toEqual({
    record: null,
    history: null,
    unreadable: [kept, file].toReversed(),
  });
  const other = { ...record, id: 'r-other' };
  await manifests.begin(other);
  mkdirSync(join(root, 'r-third', 'record'), { recursive: true });
  writeFileSync(
    join(root, 'r-third', 'record', 'run.json'),
    readFileSync(join(root, 'r-other', 'record', 'run.json')),
  );
  expect(await manifests.read({ ...record, id: 'r-third' })).toMatchObject({
    record: null,
    unreadable: [expect.any(String)],
  });
});

test('folders are listed whoever made them; where there are none, none', async () => {
  const { root, record, manifests } = folders();
  expect(await runManifests(({ id }) => join(root, 'nowhere', id)).list(record.profile)).toEqual([]);
  await manifests.begin(record);
  mkdirSync(join(root, 'a-folder'));
  writeFileSync(join(root, 'a-file'), '');
  expect(await manifests.list(record.profile)).toEqual(['a-folder', record.id]);
  expect(await manifests.read({ ...record, id: 'a-folder' })).toEqual({
    record: null,
    history: null,
    unreadable: [],
  });
});

test.skipIf(process.getuid?.() === 0)(
  'a folder that cannot be written is told before anything is recorded',
  async () => {
    const { root, record, manifests } = folders();
    chmodSync(root, 0o500);
    await expect(manifests.begin(record)).rejects.toMatchObject({
      problems: [{ code: 'manifest-not-written' }],
    });
    expect(readdirSync(root)).toEqual([]);
  },
);

test('a file in the place of the folder is told alike', async () => {
  const { root, record, manifests } = folders();
  writeFileSync(join(root, record.id), '');
  await expect(manifests.begin(record)).rejects.toMatchObject({
    problems: [{ code: 'manifest-not-written' }],
  });
});
