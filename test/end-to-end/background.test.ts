import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newHome, RECIPES, showRun, stint, stintJson, until } from './stint.ts';

it('a launch without --wait goes on by itself; its logs can be followed to the end', async () => {
  const home = await newHome();
  const launched = await stintJson<{ runs: { id: string; state: string }[] }>(
    home,
    'launch',
    join(RECIPES, 'tiny.yaml'),
    '--cluster',
    'laptop',
  );
  const [run] = launched.runs;
  expect(run?.state).toBe('queued');
  const id = run?.id ?? '';

  await until('it runs', async () => (await showRun(home, id)).state === 'running');
  const second = await stint(home, 'runs', 'resume', id, '--wait');
  expect(second).toMatchObject({ code: 2, stderr: expect.stringContaining('another stint process') });
  // In the background nobody would read that.
  const third = await stint(home, 'runs', 'resume', id);
  expect(third).toMatchObject({ code: 2, stderr: expect.stringContaining('another stint process') });

  const followed = await stint(home, 'runs', 'logs', '-f', id, '--stage', 'train');
  expect(followed.stdout).toMatch(/^train-a1-0 {2}\{.*"step": ?160[,}]/m);
  expect(await showRun(home, id)).toMatchObject({ state: 'succeeded', attempts: [{ number: 1 }] });

  const log = (await readFile(join(home, 'logs', 'stint.jsonl'), 'utf8')).trim().split('\n');
  const messages = log.map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(messages).toEqual(
    expect.arrayContaining(['stage-launched', 'launch', 'attempt-ended', 'succeeded']),
  );
});
