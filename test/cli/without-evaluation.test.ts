import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { plan } from '../../orchestrator/cli/commands/plan.ts';
import { render } from '../../orchestrator/cli/commands/render.ts';
import { KINDS } from '../../orchestrator/errors/catalogue.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { commandContext, noRuns } from './command-context.ts';

const RECIPE = 'recipes/s1-32b.yaml';
const CLUSTER = { cluster: 'h100-16' };
const setUp = () => commandContext({ home: temporaryFolder(), openWorkplace: noRuns });

it('a recipe that cannot be evaluated is refused with the way out, and planned where that is taken', async () => {
  const { context, printed } = setUp();
  const alone = join(temporaryFolder(), 'alone.yaml');
  writeFileSync(
    alone,
    readFileSync(RECIPE, 'utf8').replace('engine: { kind: vllm }', 'engine: { kind: trainer }'),
  );
  expect(await plan(alone, CLUSTER, context)).toBe(KINDS.refused.exitCode);
  expect(printed.pop()).toMatch(/NO {4}can-be-evaluated: .*--without-evaluation/);
  expect(await plan(alone, { ...CLUSTER, withoutEvaluation: true }, context)).toBe(0);
  expect(printed.pop()).toContain('nothing is evaluated: the run ends with its registered checkpoint');
});

it('nothing of an evaluation is rendered without one', async () => {
  const { context, printed } = setUp();
  await render(RECIPE, CLUSTER, context);
  expect(printed.pop()).toContain('trainer.evaluate');
  await render(RECIPE, { ...CLUSTER, withoutEvaluation: true }, context);
  const text = printed.pop();
  expect(text).toContain('trainer.sft.export');
  expect(text).not.toContain('trainer.evaluate');
  expect(text).not.toContain('maxThinkingTokens');
});

it('of an evaluation nothing else would be left', async () => {
  const { context } = setUp();
  const asked = { ...CLUSTER, withoutEvaluation: true };
  await expect(plan('recipes/evaluate/s1-32b.yaml', asked, context)).rejects.toMatchObject({
    problems: [{ code: 'wrong-option', where: '--without-evaluation' }],
  });
});
