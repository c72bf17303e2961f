import { expect, it } from 'vitest';
import { plan } from '../../orchestrator/cli/commands/plan.ts';
import { PlanSchema } from '../../orchestrator/plan/plan.ts';
import { completionsServer, type Manners } from '../client/completions-server.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { commandContext } from './command-context.ts';

const RECIPE = 'recipes/evaluate/s1-32b.yaml';
const URL = 'http://inference.example/v1';

async function planned(options: Partial<Parameters<typeof plan>[1]>, recipe = RECIPE) {
  const { context, printed } = commandContext({ home: temporaryFolder() });
  const code = await plan(recipe, { cluster: 'h100-16', json: true, ...options }, context);
  return { code, plan: PlanSchema.parse(JSON.parse(printed.pop() ?? '')) };
}

it('a server that is named answers in the place of the recipe’s engine, and holds no device', async () => {
  const { code, plan: found } = await planned({ endpoint: URL });
  expect(code).toBe(0);
  expect(found.stages).toMatchObject([
    { name: 'prepare', devices: 0 },
    { name: 'evaluate', devices: 0, decoding: { engine: 'endpoint', working: 0 } },
  ]);
  expect([found.gpuHours.expected, found.gpuHours.high, found.cost.expected]).toEqual([0, 0, 0]);
  expect(found.verdicts.find(({ name }) => name === 'can-be-evaluated')?.message).toContain(URL);
  expect((await planned({})).plan.recipeDigest).not.toBe(found.recipeDigest);
});

it.each<[string, Manners, number, boolean]>([
  ['takes tokens and says them', {}, 0, true],
  ['answers in text alone', { choice: () => ({ text: 'x' }) }, 3, false],
  ['is no server of the protocol', { body: 'hello' }, 3, false],
])('a server that %s is told by the plan before anything is paid', async (_, manners, code, ok) => {
  const { url } = await completionsServer(manners);
  const found = await planned({ endpoint: url });
  expect(found.code).toBe(code);
  expect(found.plan.verdicts.find(({ name }) => name === 'server-answers')).toMatchObject({ ok });
});

it.each([
  [{ endpoint: 'inference.example' }, RECIPE, 'wrong-option'],
  [{ endpoint: 'ftp://inference.example/v1' }, RECIPE, 'wrong-option'],
  [{ endpoint: URL, checkpoint: 'c-1' }, RECIPE, 'wrong-option'],
  [{ endpoint: URL }, 'recipes/evaluate/quickstart.yaml', 'nothing-to-evaluate'],
])('%j of %s is refused as %s', async (options, recipe, code) => {
  await expect(planned(options, recipe)).rejects.toMatchObject({ problems: [{ code }] });
});
