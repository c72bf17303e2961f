// `stint rehearse` as a person or a program calls it: what it prints as JSON, and how it ends.
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { newHome, RECIPES, stint } from './stint.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const TINY = join(RECIPES, 'tiny.yaml');

interface Answer {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly seconds: number;
  readonly code: string;
  readonly fits: boolean;
  readonly asPlanned: boolean;
}

test('a step that fits and is as planned ends with 0, and the plan knows of it from then on', async () => {
  const home = await newHome();
  const { code, stdout } = await stint(home, 'rehearse', TINY, '--cluster', 'laptop', '--json');
  const answer = JSON.parse(stdout) as Answer;
  expect(code).toBe(0);
  expect(answer).toMatchObject({ fits: true, asPlanned: true, seconds: expect.any(Number) });
  expect(answer.code).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(answer.rows.length).toBeGreaterThan(0);
  for (const row of answer.rows) {
    const { tokensPerRank, mode, peakBytes, flops, plannedFlops, collectiveBytes, kinds } = row;
    expect([tokensPerRank, peakBytes, row['plannedPeakBytes'], flops, collectiveBytes].every(isCount)).toBe(
      true,
    );
    expect([mode, plannedFlops, row['plannedCollectiveBytes']]).toEqual(['none', flops, collectiveBytes]);
    expect(Object.values(kinds as object).reduce((sum, bytes) => sum + bytes, 0)).toBe(peakBytes);
  }
  const plan = await stint(home, 'plan', TINY, '--cluster', 'laptop');
  expect(plan.stdout).toContain(answer.code);
});

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0;

test('a step that is too large for a device ends with 3', async () => {
  const home = await newHome();
  const small = join(home, 'small.yaml');
  const laptop = await readFile(join(CHECKOUT, 'cluster/profiles/laptop.yaml'), 'utf8');
  await writeFile(small, laptop.replace('memory: 2GiB', 'memory: 300MiB').replace('laptop', 'small'));
  const { code, stdout } = await stint(home, 'rehearse', TINY, '--cluster', small, '--json');
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ fits: false, asPlanned: true });
});

test('a figure of the plan that is off by more than its bound ends with 1, and is named', async () => {
  const home = await newHome();
  const { exitCode, stdout } = await execa(
    process.execPath,
    [join(await wrongly(), 'bin/stint.mjs'), '--home', home, 'rehearse', TINY, '--cluster', 'laptop'],
    { reject: false, stdin: 'ignore', env: { STINT_STORE: '', STINT_HOME: '' } },
  );
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/reduce-scatter.*planned/);
});

/** A copy of this checkout whose plan forgets half of what gradients send. */
async function wrongly(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'stint-wrong-'));
  await Promise.all(
    ['bin', 'orchestrator', 'cluster', 'trainer', 'package.json'].map((name) =>
      cp(join(CHECKOUT, name), join(copy, name), { recursive: true }),
    ),
  );
  await mkdir(join(copy, '.cache'));
  for (const name of ['node_modules', '.venv']) await symlink(join(CHECKOUT, name), join(copy, name));
  const file = join(copy, 'orchestrator/plan/rank-work.ts');
  const right = await readFile(file, 'utf8');
  const wrong = right.replace('isSpread ? reductionBytes * size', 'isSpread ? 0.5 * reductionBytes * size');
  expect(wrong).not.toBe(right);
  await writeFile(file, wrong);
  return copy;
}
