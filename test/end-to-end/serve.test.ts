import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { PRINTED } from '../../orchestrator/contract/printed.ts';
import { type Serving, serveHome } from './serve-home.ts';
import { BIN, type Ended, newHome, RECIPES, startStint, stepReached, stint, until } from './stint.ts';

async function asClient({ url, token }: Serving, ...args: string[]): Promise<Ended> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [BIN, ...args], {
    reject: false,
    stdin: 'ignore',
    env: { STINT_STORE: '', STINT_HOME: '/nowhere', STINT_SERVER: url, STINT_TOKEN: token ?? '' },
  });
  return { code: exitCode, stdout, stderr };
}

/** What takes time between two commands is said in both. */
const withoutAges = (text: string): string => text.replace(/\b[\d.]+ (s|min)\b/g, 'N').replace(/ +/g, ' ');

it('goes on with what was left, and answers a client to the byte as the command line answers here', async () => {
  const home = await newHome();
  const launch = startStint(home, 'launch', join(RECIPES, 'tiny.yaml'), '--cluster', 'laptop', '--wait');
  await until('20 steps are done', async () => (await stepReached(home)) >= 20);
  launch.kill('SIGKILL');
  await launch;
  const serving = await serveHome(home);
  // The pods went with their process; who serves begins again from what was saved, and nobody types a command.
  const run = await onlyRun(serving);
  await until('the run has ended', async () => {
    const { stdout } = await asClient(serving, 'runs', 'show', run, '--json');
    return (JSON.parse(stdout) as { readonly atRest: boolean }).atRest;
  });
  const ended = await asClient(serving, 'runs', 'show', run, '--json');
  expect(JSON.parse(ended.stdout)).toMatchObject({
    state: 'succeeded',
    attempts: [{ number: 1 }, { number: 2 }],
  });
  for (const command of [
    ['runs', 'ls'],
    ['runs', 'show', run],
    ['checkpoints', 'ls'],
    ['budgets', 'ls'],
    ['ledger', 'verify'],
    ['runs', 'show', 'r-none'],
    ['runs', 'cancel', run],
    ['nodes', '--cluster', 'laptop'],
    ['release', run],
    ['release', 'r-none'],
    ['plan', join(RECIPES, 'tiny.yaml'), '--cluster', 'laptop', '--sweep', 'training.epochs=1,2'],
    ['eval', 'show', run, '--question', '9999'],
    ['eval', 'show', run, '--against', run],
    ['compare', run, run, '--tokens'],
  ]) {
    for (const args of [command, [...command, '--json']]) {
      const [there, here] = [await asClient(serving, ...args), await stint(home, ...args)];
      const answer = ({ code, stdout }: Ended) => ({ args, code, stdout: withoutAges(stdout) });
      expect(answer(there)).toEqual(answer(here));
    }
  }
  const wrong = await asClient({ ...serving, token: 'stint_x' }, 'runs', 'ls');
  expect(wrong).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('does not know who asks'),
  });

  serving.server.kill('SIGTERM');
  expect((await serving.server).exitCode).toBe(0);
  const log = (await readFile(join(home, 'logs', 'stint.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(log.at(-1)).toContain('"msg":"serves no more"');
  const begun = log.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'serves');
  expect(begun).toMatchObject({ url: serving.url, store: home, version: expect.stringMatching(/^\d/) });
  const gone = await asClient(serving, 'runs', 'ls');
  expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('the server does not answer') });
  // The token is there, so none is made a second time.
  expect((await serveHome(home)).token).toBeNull();
});

async function onlyRun(serving: Serving): Promise<string> {
  const { stdout } = await asClient(serving, 'runs', 'ls', '--json');
  const { runs } = JSON.parse(stdout) as { readonly runs: readonly { readonly id: string }[] };
  expect(runs).toHaveLength(1);
  return runs[0]?.id ?? '';
}

it('plans, runs, follows and compares a client’s recipe as the command line does here', async () => {
  const home = await newHome();
  const serving = await serveHome(home);
  const recipe = join(RECIPES, 'tiny.yaml');
  const [there, here] = [
    await asClient(serving, 'plan', recipe, '--cluster', 'laptop', '--json'),
    await stint(home, 'plan', recipe, '--cluster', 'laptop', '--json'),
  ];
  expect(there.stderr).toBe('');
  expect(JSON.parse(there.stdout)).toEqual(JSON.parse(here.stdout));
  const launched = asClient(serving, '--home', home, 'launch', recipe, '--cluster', 'laptop', '--wait');
  await until('the run is recorded', async () =>
    (await asClient(serving, 'runs', 'ls', '--json')).stdout.includes('"r-'),
  );
  const run = await onlyRun(serving);
  const followed = await asClient(serving, 'runs', 'logs', '-f', run);
  expect(followed).toMatchObject({ code: 0, stdout: expect.stringContaining('train-a1-0  ') });
  const waited = await launched;
  expect(waited).toMatchObject({ code: 0, stdout: expect.stringContaining('checkpoint of tiny: ') });
  expect(waited.stderr).toContain(`tiny (${run}): running: train`);
  expect(waited.stderr).toContain(`tiny (${run}): succeeded`);
  expect(waited.stdout).toContain('report: ');
  const shown = JSON.parse((await asClient(serving, 'runs', 'show', run, '--json')).stdout) as object;
  expect(shown).toMatchObject({ state: 'succeeded', attempts: [{ number: 1 }] });
  for (const args of [
    ['runs', 'logs', run],
    ['compare', run],
    ['compare', run, '--json'],
    ['doctor', '--cluster', 'laptop'],
    ['doctor', '--cluster', 'laptop', '--json'],
    ['eval', 'show', run, '--question', '1'],
    ['eval', 'show', run, '--question', '1', '--json'],
    ['compare', run, run, '--tokens', '--json'],
    ['runs', 'resume', run],
    ['cost'],
    ['cost', '--by', 'month,phase', '--json'],
    ['cost', run, '--format', 'focus'],
  ]) {
    const [at, beside] = [await asClient(serving, ...args), await stint(home, ...args)];
    // The disk is everybody's.
    const withoutRoom = (text: string) => text.replace(/[\d.]+ GB are free/, 'N are free');
    const answer = ({ code, stdout }: Ended) => ({ args, code, stdout: withoutRoom(stdout) });
    expect(answer(at)).toEqual(answer(beside));
  }
  const asking = ['eval', join(RECIPES, 'ask-tiny.yaml'), '--cluster', 'laptop', '--json'];
  const { checkpoint } = shown as { readonly checkpoint: string };
  const asked = await asClient(serving, '--home', home, ...asking, '--checkpoint', checkpoint);
  expect(asked).toMatchObject({ code: 0 });
  expect(PRINTED.eval.parse(JSON.parse(asked.stdout))).toMatchObject({
    state: 'succeeded',
    checkpoint: expect.stringMatching(/^sha256:/),
    evaluations: [{ benchmark: 'running-digit' }],
  });
  const none = await asClient(serving, 'launch', recipe, '--cluster', 'nowhere');
  expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('no cluster profile "nowhere"') });
  serving.server.kill('SIGTERM');
  expect((await serving.server).exitCode).toBe(0);
});

it('says of an address that is taken who has it, and of one that is none what an address is', async () => {
  const home = await newHome();
  const { url } = await serveHome(home);
  const { host } = new URL(url);
  const second = await stint(home, 'serve', '--listen', host);
  expect(second).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('something listens there already'),
  });
  const none = await startStint(home, 'serve', '--listen', 'here');
  expect(none.exitCode).toBe(2);
  expect(none.stderr).toContain('expected HOST:PORT');
});
