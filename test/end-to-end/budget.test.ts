import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { losses } from './losses.ts';
import {
  newHome,
  podProcesses,
  RECIPES,
  showRun,
  startStint,
  stepReached,
  stint,
  stintJson,
  until,
} from './stint.ts';

const STEPS = 1_200;
const HOUR = 3_600_000;

/** The tiny recipe of team red, with enough steps to be stopped in between on any machine. */
async function longRecipe(folder: string): Promise<string> {
  const tiny = await readFile(join(RECIPES, 'tiny.yaml'), 'utf8');
  const file = join(folder, 'tiny.yaml');
  await writeFile(file, `${tiny.replace('epochs: 8', 'epochs: 60')}team: red\n`);
  return file;
}

async function applyBudget(home: string, gpuHours: number): Promise<void> {
  const file = join(home, 'budgets.yaml');
  await writeFile(
    file,
    `kind: Budgets\nbudgets: [{name: red, team: red, period: month, gpuHours: ${gpuHours}}]\n`,
  );
  expect(await stint(home, 'budgets', 'apply', file)).toMatchObject({ code: 0 });
}

interface Listed {
  readonly budgets: readonly { readonly used: number; readonly reserved: number; readonly state: string }[];
}

it('a run is warned of its budget, saved and stopped at its limit, and goes on with a larger one to the same losses', async () => {
  const home = await newHome();
  const recipe = await longRecipe(home);

  await applyBudget(home, 0.001);
  const refused = await stint(home, 'launch', recipe, '--cluster', 'laptop', '--wait');
  expect(refused).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('team red has 0.00100 device-hours'),
  });
  expect(await stintJson(home, 'runs', 'ls')).toEqual({ runs: [] });

  await applyBudget(home, 1);
  const launch = startStint(home, 'launch', recipe, '--cluster', 'laptop', '--wait', '--json');
  await until('40 steps are done', async () => (await stepReached(home)) >= 40);
  const [budget] = (await stintJson<Listed>(home, 'budgets', 'ls')).budgets;
  expect(budget).toMatchObject({ state: 'ok', reserved: expect.any(Number) });
  expect(budget?.reserved).toBeGreaterThan(0);
  launch.kill('SIGINT');
  const { runs } = JSON.parse((await launch).stdout) as { runs: { id: string }[] };
  const run = runs[0]?.id ?? '';
  const first = await showRun(home, run);
  expect(first.state).toBe('interrupted');
  const [released] = (await stintJson<Listed>(home, 'budgets', 'ls')).budgets;
  expect(released).toMatchObject({ used: first.gpuMilliseconds, reserved: 0 });

  // Room for another start, on a machine that is twice as busy by then, and five seconds of two devices at work.
  const startup = (first.phases['starting'] ?? 0) + (first.phases['loading'] ?? 0);
  const limit = first.gpuMilliseconds + 2 * startup + 10_000;
  const hours = String(limit / HOUR);
  const stopped = await stint(home, 'runs', 'resume', run, '--wait', '--budget-gpu-hours', hours);
  expect(stopped.code).toBe(3);
  expect(stopped.stderr).toMatch(/warning: r-\w+: .* device-hours are used of the run's own budget/);
  expect(await podProcesses(home)).toEqual([]);
  const second = await showRun(home, run);
  expect(second).toMatchObject({ state: 'failed', attempts: [{ number: 1 }, { number: 2 }] });
  expect(second.message).toMatch(
    /^the run's own budget is reached: \S+ of \S+ device-hours; saved at step \d+; go on with a larger one: stint runs resume r-\w+ --budget-gpu-hours N$/,
  );
  expect(second.steps).toBeGreaterThan(first.steps);
  expect(second.steps).toBeLessThan(STEPS);
  // What its pods held while they saved is the overrun; they were asked within seconds of the limit.
  expect(second.budgets).toMatchObject([
    { budget: 'own', limit, overrun: second.gpuMilliseconds - limit },
    { budget: 'red', used: second.gpuMilliseconds, overrun: 0 },
  ]);
  expect(second.gpuMilliseconds - limit).toBeLessThan(60_000);

  const unchanged = await stint(home, 'runs', 'resume', run, '--wait');
  expect(unchanged).toMatchObject({ code: 3, stderr: expect.stringContaining('--budget-gpu-hours N') });
  expect((await showRun(home, run)).state).toBe('failed');

  expect((await stint(home, 'runs', 'resume', run, '--wait', '--budget-gpu-hours', '0.9')).code).toBe(0);
  const third = await showRun(home, run);
  expect(third).toMatchObject({ state: 'succeeded', steps: STEPS });

  const calm = await newHome();
  const undisturbed = await stintJson<{ runs: { id: string }[] }>(
    calm,
    'launch',
    recipe,
    '--cluster',
    'laptop',
    '--wait',
  );
  const reference = await showRun(calm, undisturbed.runs[0]?.id ?? '');
  expect(await losses(third.workFolder, 3)).toEqual(await losses(reference.workFolder, 1));
}, 900_000);
