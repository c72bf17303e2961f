import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { boundFact, runRecord } from '../store/fixtures.ts';
import { newHome, stint } from './stint.ts';

const QUICKSTART = fileURLToPath(new URL('../../recipes/quickstart.yaml', import.meta.url));

/** What root may write in spite of its rights is a file system that takes no writing. */
async function withoutWriting(
  home: string,
  act: () => Promise<void>,
  make: () => Promise<void>,
): Promise<void> {
  const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
  if (isRoot) await execa('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', home]);
  try {
    await make();
    if (isRoot) await execa('mount', ['-o', 'remount,ro', home]);
    else await chmod(home, 0o555);
    await act();
  } finally {
    if (isRoot) await execa('umount', [home]);
    else await chmod(home, 0o755);
  }
}

it('a home that cannot be written is read by every command that only looks, and no other changes it', async () => {
  const home = await newHome();
  const record = runRecord({ id: 'r-1', profile: await loadProfile('laptop') });
  const make = async () => {
    const store = await openStore(join(home, 'stint.db'));
    await store.runs.create([record]);
    await store.runs.append('r-1', 0, 1, [{ type: 'stopped', message: 'cancelled by a person' }]);
    await store.ledger.record([boundFact('r-1', 'pod')]);
    await store.close();
  };
  await withoutWriting(
    home,
    async () => {
      const looks = [
        ['plan', QUICKSTART, '--cluster', 'laptop'],
        ['runs', 'ls'],
        ['runs', 'show', 'r-1'],
        ['cost'],
        ['budgets', 'ls'],
        ['checkpoints', 'ls'],
      ];
      for (const args of looks) {
        const { code, stdout, stderr } = await stint(home, ...args);
        expect(`${args.join(' ')}: ${code}\n${stderr}`).toMatch(
          /: 0\nThis home cannot be written[^\n]*(\n|$)/,
        );
        if (args[0] === 'runs') expect(stdout).toContain('cancelled by a person');
      }
      const launched = await stint(home, 'launch', QUICKSTART, '--cluster', 'laptop');
      expect(launched.code).toBe(2);
      expect(launched.stderr).not.toMatch(/\n {4}at /);
    },
    make,
  );
});

it('output that cannot be written is said in one sentence', async (test) => {
  if (process.platform !== 'linux') test.skip('there is no /dev/full here');
  const home = await newHome();
  const bin = fileURLToPath(new URL('../../bin/stint.mjs', import.meta.url));
  const command = `"${process.execPath}" "${bin}" --home "${home}" render "${QUICKSTART}" --cluster h100-16 > /dev/full`;
  const { exitCode, stderr } = await execa('sh', ['-c', command], { reject: false });
  expect(exitCode).toBe(1);
  expect(stderr).toBe('error: the output cannot be written: the disk has no room left');
});

it('a home where there can be none ends at once', async (test) => {
  if (process.platform !== 'linux') test.skip('there is no /proc here');
  const { code, stderr } = await stint('/proc/x', 'budgets', 'apply', '/dev/null');
  expect(code).toBe(2);
  expect(stderr).toContain('holds nothing');
  const launched = await stint('/proc/x', 'launch', QUICKSTART, '--cluster', 'laptop');
  expect(launched).toMatchObject({ code: 2, stderr: expect.stringContaining('home folder cannot be made') });
});
