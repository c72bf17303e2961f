import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, type Ended, newHome, podProcesses, RECIPES, stint, stintJson } from './stint.ts';

const LAPTOP = fileURLToPath(new URL('../../cluster/profiles/laptop.yaml', import.meta.url));
/** It does not name a work folder: the cluster's tests add theirs. */
const TEST_REAL = fileURLToPath(new URL('../kubernetes/test-real.yaml', import.meta.url));
let folder: string;
let tiny: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stint-bad-input-'));
  tiny = await readFile(join(RECIPES, 'tiny.yaml'), 'utf8');
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** Launches a changed tiny recipe, on a changed laptop when given one. */
async function launch(home: string, name: string, recipe: string, profile?: string): Promise<Ended> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, recipe);
  if (profile === undefined) return stint(home, 'launch', file, '--cluster', 'laptop', '--wait');
  const cluster = join(folder, `${name}-cluster.yaml`);
  await writeFile(cluster, profile);
  return stint(home, 'launch', file, '--cluster', cluster, '--wait');
}

const runsOf = async (home: string) =>
  (await stintJson<{ runs: { id: string; state: string }[] }>(home, 'runs', 'ls')).runs;

const withData = async (name: string, rows: readonly unknown[]) => {
  const file = join(folder, `${name}.jsonl`);
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return tiny.replace(
    /source: .*/,
    `source: {kind: file, path: ${name}.jsonl}\n  lengths: {of: sample, source: by hand, bins: [{from: 20, to: 60, count: 16}]}`,
  );
};

describe('what is wrong before anything starts ends with code 2, names the place, and records nothing', () => {
  it.each<[string, (recipe: string) => string, readonly string[]]>([
    [
      'unknown-key',
      (recipe) => recipe.replace('epochs:', 'epoch:'),
      ['unknown-key.yaml:12:3', 'did you mean "epochs"'],
    ],
    ['wrong-type', (recipe) => recipe.replace('3e-3', 'fast'), ['training.optimizer.learningRate is "fast"']],
    [
      'impossible-batch',
      (recipe) => recipe.replace('globalBatch: 16', 'globalBatch: 15'),
      ['globalBatch', '14', '16'],
    ],
    [
      'missing-file',
      (recipe) => recipe.replace(/source: .*/, 'source: {kind: file, path: nowhere.jsonl}'),
      ['nowhere.jsonl'],
    ],
  ])('%s', async (name, change, words) => {
    const home = await newHome();
    const { code, stderr } = await launch(home, name, change(tiny));
    expect(code).toBe(2);
    for (const word of [...words, 'to do:']) expect(stderr).toContain(word);
    expect(await runsOf(home)).toEqual([]);
  });

  it('wrong unit in a cluster profile', async () => {
    const home = await newHome();
    const profile = (await readFile(LAPTOP, 'utf8')).replace(/grace: .*/, 'grace: 30 parsecs');
    const { code, stderr } = await launch(home, 'wrong-unit', tiny, profile);
    expect(code).toBe(2);
    expect(stderr).toMatch(/grace is "30 parsecs"[\s\S]*unknown unit "parsecs"/);
  });

  it.each([
    [
      'no work folder',
      (profile: string) => profile,
      /backend\.workFolder[\s\S]*mount that volume on this machine/,
    ],
    [
      'a work folder that is not there',
      (profile: string) => profile.replace(/( +)volumeClaim: .*/, '$&\n$1workFolder: /nowhere/work'),
      /cannot be used at \/nowhere\/work[\s\S]*backend\.workFolder[\s\S]*mount it there/,
    ],
  ])('a cluster of which this machine sees %s', async (name, change, words) => {
    const home = await newHome();
    const profile = change(await readFile(TEST_REAL, 'utf8'));
    const { code, stderr } = await launch(home, name.replaceAll(' ', '-'), tiny, profile);
    expect(code).toBe(2);
    expect(stderr).toMatch(words);
    expect(await readdir(home)).toEqual([]);
  });

  it('no such run, checkpoint, cluster or command', async () => {
    const home = await newHome();
    const cases = [
      ['runs', 'show', 'r-none'],
      ['checkpoints', 'verify', 'c-none'],
      ['plan', 'x.yaml', '--cluster', 'moon'],
      ['lunch'],
      ['runs', 'logs', 'r-none', '--stage', 'trian'],
    ];
    for (const args of cases) expect((await stint(home, ...args)).code).toBe(2);
  });

  it('a store that is none, and one that does not answer, without a word of the password', async () => {
    const home = await newHome();
    const other = await stint(home, '--store', 'mysql://ann:hunter2@db/stint', 'runs', 'ls');
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('mysql://, which names no store'),
    });
    const down = await stint(home, '--store', 'postgres://ann:hunter2@127.0.0.1:1/stint', 'runs', 'ls');
    expect(down).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('postgres://ann@127.0.0.1:1/stint'),
    });
    const env = { STINT_STORE: 'postgres://ann:hunter2@127.0.0.1:1/stint' };
    const help = await execa(process.execPath, [BIN, '--help'], { env });
    expect(help.stdout).toContain('STINT_STORE');
    expect(JSON.stringify([other, down, help.stdout, help.stderr])).not.toContain('hunter2');
  });

  it('a plan that does not fit is refused with code 3 and the knobs that would help', async () => {
    const home = await newHome();
    const recipe = fileURLToPath(new URL('../../recipes/s1.1-32b.yaml', import.meta.url));
    const { code, stdout } = await stint(home, 'plan', recipe, '--cluster', 'h100-8');
    expect(code).toBe(3);
    expect(stdout).toMatch(/NO {4}memory-fits.*does not fit.*2 nodes/);
    const small = await launch(home, 'budget', `${tiny}budget: {gpuHours: 0.000001}\n`);
    expect(small.code).toBe(3);
    expect(small.stderr).toContain('Nothing was started');
    expect(await runsOf(home)).toEqual([]);
  });
});

describe('data that prepare would refuse is refused by the plan, and nothing is recorded', () => {
  const good = { question: 'one plus one', trace: 'one and one', answer: 'two' };

  it.each<[string, () => Promise<string>, readonly string[]]>([
    [
      'row-without-answer',
      () => withData('row-without-answer', [good, { question: 'x', trace: 'y' }]),
      ['row-without-answer.jsonl:2', 'answer'],
    ],
    [
      'row-without-labels',
      async () =>
        (await withData('row-without-labels', [good, { ...good, question: 'plus '.repeat(400) }])).replace(
          'training:',
          '  overLength: truncate\ntraining:',
        ),
      ['256'],
    ],
  ])('%s', async (name, make, words) => {
    const home = await newHome();
    const { code, stderr } = await launch(home, name, await make());
    for (const word of [...words, 'Nothing was started']) expect(stderr).toContain(word);
    expect(code).toBe(3);
    expect(await runsOf(home)).toEqual([]);
  });
});

describe('what only a stage can find fails the run, says where, and leaves no process', () => {
  it('a rendezvous port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const home = await newHome();
    const laptop = await readFile(LAPTOP, 'utf8');
    const pinned = laptop
      .replace(/rendezvousPort: .*/, '')
      .replace(/kind: local\n/, `kind: local\n  rendezvousPort: ${port}\n`);
    const { code, stderr } = await launch(home, 'port', tiny, pinned);
    server.close();
    expect(stderr).toContain(String(port));
    expect(code).toBe(2);
    const [run] = await runsOf(home);
    expect((await stint(home, 'runs', 'logs', '-f', run?.id ?? '')).code).toBe(2);
    expect(await podProcesses(home)).toEqual([]);
  });

  it('a disk that is full when a checkpoint is saved', async (test) => {
    if (process.getuid?.() !== 0 || process.platform !== 'linux') {
      console.log('skipped: no small file system can be mounted here');
      test.skip('only root on Linux can mount a small file system');
    }
    const home = await newHome();
    const volumes = join(home, 'local', 'volumes');
    await mkdir(volumes, { recursive: true });
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', volumes]);
    try {
      const large = tiny
        .replace('hiddenSize: 32', 'hiddenSize: 256')
        .replace('feedForwardSize: 64', 'feedForwardSize: 1024');
      const { code, stderr } = await launch(home, 'disk-full', large);
      expect(stderr).toMatch(/failed in train: .*(full|space)/);
      expect(code).toBe(1);
      expect(await podProcesses(home)).toEqual([]);
    } finally {
      await execa('umount', [volumes]);
    }
  });
});

it('a reader that leaves early ends the command without a stack trace', async () => {
  const home = await newHome();
  const recipe = fileURLToPath(new URL('../../recipes/ablations/sequence-length.yaml', import.meta.url));
  const command = `"${process.execPath}" "${BIN}" --home "${home}" render "${recipe}" --cluster h100-16 --without-evaluation | head -1`;
  const { stdout, stderr } = await execa('sh', ['-c', command]);
  expect(stdout).toMatch(/^# Stages are jobs of their own/);
  expect(stderr).toBe('');
});
