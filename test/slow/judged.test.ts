import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { makeModel } from '../../ops/example/make-model.ts';
import { installLocked } from '../../ops/install-locked.ts';
import { VLLM_ENVIRONMENT } from './vllm-environment.ts';

/** The example's pretrained model: it follows instructions as far as one of 135 million parameters can. */
const MODEL = resolve('.cache/example/model');

it('a judge that vLLM serves is heard, and one that cannot judge is refused', async () => {
  await makeModel(resolve('.'), console.log);
  const python = join(await installLocked('vllm', console.log), 'python');
  const env = { ...VLLM_ENVIRONMENT, STINT_TEST_VLLM: python, STINT_TEST_JUDGE: MODEL };
  const args = ['-m', 'pytest', 'trainer/tests/test_judge_served.py'];
  const { exitCode, stdout } = await execa('.venv/bin/python', args, { env, reject: false });
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain('2 passed');
});
