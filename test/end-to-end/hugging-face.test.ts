// The callback that Hugging Face's Trainer has for Kubeflow, as it is in the package, reports to a server of Stint.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { createToken } from '../../orchestrator/operations/create-token.ts';
import { serveWorkplace } from '../api/serve-workplace.ts';
import { workplaceOfTests } from '../operations/stint-contract.ts';

const TRAINS = `
from transformers import TrainerControl, TrainerState
from transformers.integrations import KubeflowCallback

callback = KubeflowCallback()
callback._MIN_UPDATE_INTERVAL = 0.0
state = TrainerState(max_steps=40, global_step=0, epoch=0.0)
state.is_world_process_zero = True
control = TrainerControl()
callback.on_train_begin(None, state, control)
state.global_step, state.epoch = 10, 0.5
callback.on_log(None, state, control, logs={"loss": 1.93, "learning_rate": 1e-05})
callback.on_step_end(None, state, control)
`;

test('Hugging Face’s callback reports unchanged, by the token of its run', async () => {
  const workplace = await workplaceOfTests();
  const { url } = await serveWorkplace(workplace);
  const { token } = await createToken(workplace, { name: 'trainer', role: 'viewer', run: 'r-0001' });
  const file = join(await mkdtemp(join(tmpdir(), 'stint-token-')), 'token');
  await writeFile(file, `${token}\n`);
  await execa('.venv/bin/python', ['-c', TRAINS], {
    env: {
      KUBEFLOW_TRAINER_SERVER_URL: `${url}/api/v1/runs/r-0001/trainer-status`,
      KUBEFLOW_TRAINER_SERVER_TOKEN: file,
    },
  });
  expect((await workplace.store.reports.find('r-0001'))?.status).toMatchObject({
    progressPercentage: 25,
    estimatedRemainingSeconds: expect.any(Number),
    metrics: [
      { name: 'loss', value: '1.93' },
      { name: 'learning_rate', value: '1e-05' },
      { name: 'current_step', value: '10' },
      { name: 'total_steps', value: '40' },
      { name: 'current_epoch', value: '0.5' },
    ],
  });
});
