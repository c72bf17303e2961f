import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hostOfHome } from '../../orchestrator/documents/host-of-home.ts';

function newHome(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stint-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, '.stint');
}

test('a home bears one name for good, whoever asks first, and says where it is', async () => {
  const home = newHome();
  const names = await Promise.all(Array.from({ length: 10 }, () => hostOfHome(home)));
  expect(new Set(names).size).toBe(1);
  expect(names[0]).toMatch(new RegExp(`^${hostname()}:${home}#[0-9a-f]{8}$`));
  expect(await hostOfHome(home)).toBe(names[0]);
});

test('two homes bear two names, also a home made again in the same place', async () => {
  const home = newHome();
  const name = await hostOfHome(home);
  expect(await hostOfHome(newHome())).not.toBe(name);
  rmSync(home, { recursive: true });
  expect(await hostOfHome(home)).not.toBe(name);
});

test('a home that another machine mounts too is another place there', async () => {
  const home = newHome();
  const name = await hostOfHome(home);
  renameSync(join(home, 'hosts', hostname()), join(home, 'hosts', 'another-machine'));
  expect(await hostOfHome(home)).not.toBe(name);
});

test('a home that cannot be made is named', async () => {
  const home = newHome();
  writeFileSync(home, 'a file');
  await expect(hostOfHome(home)).rejects.toMatchObject({ problems: [{ code: 'home-not-writable' }] });
});
