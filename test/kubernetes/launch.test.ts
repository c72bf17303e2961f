import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newHome, RECIPES, showRun, stint, stintJson } from '../end-to-end/stint.ts';
import { needsRealNode } from './needs-real-node.ts';
import { expectNothingHeld, expectSameLosses, livesOf, realHome } from './real-stint.ts';

beforeEach(needsRealNode);

interface Launched {
  readonly runs: readonly { readonly id: string; readonly arm: string; readonly checkpoint: string }[];
}
interface Listed {
  readonly runs: readonly { readonly id: string; readonly arm: string; readonly checkpoint: string | null }[];
}

describe('an ablation on the real node, through Kueue and JobSet', { timeout: 300_000 }, () => {
  let home: string;
  let launched: Launched;
  let printed: string;
  let local: Launched;
  let localHome: string;

  beforeAll(async () => {
    const real = await realHome();
    home = real.home;
    const recipe = join(RECIPES, 'lengths.yaml');
    const { code, stdout, stderr } = await stint(home, 'launch', recipe, '--cluster', real.profile, '--wait');
    if (code !== 0) throw new Error(stderr);
    printed = stdout;
    const { runs } = await stintJson<Listed>(home, 'runs', 'ls');
    launched = {
      runs: runs.toReversed().map(({ id, arm, checkpoint }) => ({ id, arm, checkpoint: checkpoint ?? '' })),
    };
    localHome = await newHome();
    local = await stintJson(localHome, 'launch', recipe, '--cluster', 'laptop', '--wait');
  }, 400_000);

  const pairs = async () =>
    Promise.all(
      launched.runs.map(async ({ id }, index) => ({
        id,
        here: await showRun(home, id),
        there: await showRun(localHome, local.runs[index]?.id ?? ''),
      })),
    );
  const inWork = (folder: string, ...path: string[]) => readFile(join(folder, ...path));

  test('ends with a registered checkpoint for each arm, a comparison and its cost, and nothing held', async () => {
    expect(launched.runs.map(({ arm }) => arm)).toEqual(['short', 'long']);
    for (const { checkpoint } of launched.runs) {
      expect(checkpoint).toMatch(/^c-[0-9a-f]{12}$/);
      expect((await stint(home, 'checkpoints', 'verify', checkpoint)).code).toBe(0);
    }
    expect(printed).toMatch(/^ARM .*DEVICE-HOURS .*COST$/m);
    for (const { id, here } of await pairs()) {
      await expectNothingHeld(id);
      expect(here).toMatchObject({ state: 'succeeded', attempts: [{ number: 1, cause: 'succeeded' }] });
      expect(here.gpuMilliseconds).toBeGreaterThan(0);
      expect(Object.values(here.phases).reduce((sum, time) => sum + time, 0)).toBe(here.gpuMilliseconds);
    }
  });

  test('trains on the same rows with the same losses as on this machine, and is evaluated the same', async () => {
    for (const { here, there } of await pairs()) {
      const [rows, localRows] = await Promise.all(
        [here, there].map(({ workFolder }) => inWork(workFolder, 'data', 'rows.jsonl')),
      );
      expect(rows?.equals(localRows ?? Buffer.alloc(0))).toBe(true);
      expectSameLosses(await livesOf(here.workFolder), await livesOf(there.workFolder));
      const [result, localResult] = await Promise.all(
        [here, there].map(
          async ({ workFolder }) =>
            JSON.parse((await inWork(workFolder, 'evaluation', 'results.json')).toString()) as {
              benchmarks: unknown;
            },
        ),
      );
      expect(result?.benchmarks).toEqual(localResult?.benchmarks);
    }
  });
});
