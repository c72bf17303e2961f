import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findHome, requireHome } from '../../orchestrator/documents/find-home.ts';

it('takes the named folder, else the nearest .stint upwards, else one here', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stint-home-'));
  const deep = join(folder, 'a', 'b');
  await mkdir(deep, { recursive: true });
  expect(findHome('elsewhere', folder)).toBe(join(folder, 'elsewhere'));
  expect(findHome(undefined, deep)).toBe(join(deep, '.stint'));
  await mkdir(join(folder, '.stint'));
  expect(findHome(undefined, deep)).toBe(join(folder, '.stint'));
});

it('makes nothing for a command that only looks', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stint-home-'));
  const home = join(folder, '.stint');
  await expect(requireHome(home)).rejects.toThrow('there are no runs here yet');
  await mkdir(home);
  await expect(requireHome(home)).resolves.toBeUndefined();
});
