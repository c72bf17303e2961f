import { appendFile, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KeptLine, keptLogs } from '../../orchestrator/documents/kept-logs.ts';
import { pod } from '../run/fixtures.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'stint-kept-logs-'));
const POD = pod({ uid: 'u-1', run: 'r1', stage: 'train', attempt: 2, index: 0 });

async function read(folder: string, run = 'r1'): Promise<readonly KeptLine[]> {
  const lines: KeptLine[] = [];
  for (const kept of await keptLogs(folder).of(run)) for await (const line of kept.lines()) lines.push(line);
  return lines;
}

test('keeps what a pod printed, by stage, attempt and index, the oldest pod first', async () => {
  const folder = await newFolder();
  const logs = keptLogs(folder);
  const second = await logs.open({ ...POD, uid: 'u-2', attempt: 3 });
  await second.append([{ at: 20, text: 'again' }]);
  const first = await logs.open(POD);
  await first.append([{ at: 10, text: '10 %\r20 %  blanks ' }]);
  await first.append([{ at: 11, text: '' }]);
  expect((await logs.of('r1')).map(({ name, uid }) => [name, uid])).toEqual([
    ['train-a2-0', 'u-1'],
    ['train-a3-0', 'u-2'],
  ]);
  expect(await read(folder)).toEqual([
    { at: 10, text: '10 %\r20 %  blanks ' },
    { at: 11, text: '' },
    { at: 20, text: 'again' },
  ]);
  expect(await read(folder, 'r2')).toEqual([]);
});

test('a follower that takes over adds only what is new, wherever the one before was killed', async () => {
  const printed = fc
    .array(fc.record({ wait: fc.nat(2), text: fc.constantFrom('a', 'b\r', '') }), { maxLength: 12 })
    .map((lines) => {
      let at = 1_000;
      return lines.map(({ wait, text }) => ({ at: (at += wait), text }));
    });
  await fc.assert(
    fc.asyncProperty(printed, fc.array(fc.nat(12), { maxLength: 3 }), async (lines, kills) => {
      const folder = await newFolder();
      for (const killedAfter of [...kills, lines.length]) {
        const log = await keptLogs(folder).open(POD);
        const seen = lines.slice(0, killedAfter);
        await log.append(seen.slice(0, 2));
        await log.append(seen.slice(2));
      }
      expect(await read(folder)).toEqual(lines);
    }),
    { numRuns: 50 },
  );
});

test('half a line of a writer that was killed is not taken for a line', async () => {
  const folder = await newFolder();
  await (await keptLogs(folder).open(POD)).append([{ at: 5, text: 'whole' }]);
  const [file = ''] = await readdir(join(folder, 'r1'));
  await appendFile(join(folder, 'r1', file), '6 ha');
  const log = await keptLogs(folder).open({ ...POD, attempt: 7 });
  await log.append([
    { at: 5, text: 'whole' },
    { at: 6, text: 'half' },
  ]);
  expect(await readFile(join(folder, 'r1', file), 'utf8')).toBe('5 whole\n6 half\n');
});

test('a line without end takes no more than its share of the disk', async () => {
  const folder = await newFolder();
  await (await keptLogs(folder).open(POD)).append([{ at: 5, text: 'x'.repeat(1 << 20) }]);
  const [line] = await read(folder);
  expect(line?.text).toHaveLength(1 << 16);
});
