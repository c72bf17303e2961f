import { expect, it } from 'vitest';
import { rehearse } from '../../orchestrator/cli/commands/rehearse.ts';
import { commandContext } from './command-context.ts';

it('a model that every rank keeps whole is refused before anything runs, with its size', async () => {
  const { context, printed } = commandContext({});
  await expect(rehearse('recipes/quickstart.yaml', { cluster: 'laptop' }, context)).rejects.toMatchObject({
    problems: [
      {
        code: 'weights-not-shared',
        where: 'model.architecture',
        what: 'the model of quickstart has 101,376 weights in its matrices, and every rank keeps them all',
      },
    ],
  });
  expect(printed).toEqual([]);
});
