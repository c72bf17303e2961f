import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { surveyMachine } from '../../cluster/local/survey-machine.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stint-machine-'));
});
afterAll(async () => rm(folder, { recursive: true }));

it('tries the Python that runs would use, and looks where runs would be kept', async () => {
  const home = join(folder, 'not', 'yet', 'there');
  const found = await surveyMachine({ home, pythonBin: resolve('.venv/bin') });
  expect(found).toMatchObject({
    home,
    python: {
      version: expect.stringMatching(/^3\./) as string,
      torch: expect.stringMatching(/^\d/) as string,
    },
  });
  expect(found.cores).toBeGreaterThan(0);
  expect(found.memoryBytes).toBeGreaterThan(1e8);
  expect(found.freeBytes).toBeGreaterThan(0);
});

it('says that there is no Python, or which package it lacks', async () => {
  const none = await surveyMachine({ home: folder, pythonBin: join(folder, 'nowhere') });
  expect(none.python).toMatchObject({
    trouble: { what: expect.stringContaining('it cannot be started') as string },
  });
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(
    join(bin, 'python'),
    '#!/bin/sh\necho "ModuleNotFoundError: No module named torch" >&2; exit 1\n',
  );
  await chmod(join(bin, 'python'), 0o755);
  const broken = await surveyMachine({ home: folder, pythonBin: bin });
  expect(broken.python).toMatchObject({
    trouble: { what: expect.stringContaining('No module named torch') as string },
  });
});
