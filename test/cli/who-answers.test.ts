import { expect, it } from 'vitest';
import { launch } from '../../orchestrator/cli/commands/launch.ts';
import { plan } from '../../orchestrator/cli/commands/plan.ts';
import { rehearse } from '../../orchestrator/cli/commands/rehearse.ts';
import { render } from '../../orchestrator/cli/commands/render.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { commandContext, noRuns } from './command-context.ts';

const TRAINS = 'recipes/s1-32b.yaml';
const ASKS = 'recipes/evaluate/s1-32b.yaml';
const CLUSTER = { cluster: 'h100-16' };
const setUp = () => commandContext({ home: temporaryFolder(), openWorkplace: noRuns }).context;

it.each([
  ['plan', plan],
  ['launch', launch],
  ['render', render],
] as const)('%s takes who answers for an evaluation alone', async (_, command) => {
  for (const [option, named] of [
    ['--checkpoint', { checkpoint: 'ckpt-1' }],
    ['--endpoint', { endpoint: 'http://inference.example/v1' }],
  ] as const)
    await expect(command(TRAINS, { ...CLUSTER, ...named }, setUp())).rejects.toMatchObject({
      problems: [
        { code: 'wrong-option', where: option, todo: expect.stringContaining('kind Evaluation') as string },
      ],
    });
});

it('a sweep takes nobody who answers, either', async () => {
  const asked = { ...CLUSTER, checkpoint: 'ckpt-1', sweep: 'training.sequenceLength=1024,2048' };
  await expect(plan(TRAINS, asked, setUp())).rejects.toMatchObject({ problems: [{ code: 'wrong-option' }] });
});

it('a rehearsal of what trains nothing is refused with what takes it', async () => {
  await expect(rehearse(ASKS, CLUSTER, setUp())).rejects.toMatchObject({
    problems: [{ code: 'nothing-to-plan', what: expect.stringContaining('trains nothing') as string }],
  });
});
