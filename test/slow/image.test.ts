import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterEach, expect, test } from 'vitest';
import { baseOf } from '../../ops/test-cluster/images.ts';

const TRAINER = resolve('ops/images/trainer');
const SITE = resolve('.venv/lib/python3.11/site-packages');
const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** What the Containerfile makes of these lists: their packages with all they depend on, the command words, the trainer. */
async function imageOf(lists: readonly string[]): Promise<string> {
  const packages = lists.flatMap((name) => readFileSync(join(TRAINER, name), 'utf8').trim().split('\n'));
  const folder = mkdtempSync(join(tmpdir(), 'stint-image-test-'));
  made.push(folder);
  await execa('cp', ['-a', `${await baseOf(packages)}/.`, folder]);
  cpSync(join(TRAINER, 'bin'), join(folder, 'usr/local/bin'), { recursive: true });
  cpSync(resolve('trainer'), join(folder, 'opt/stint/trainer'), { recursive: true });
  mkdirSync(join(folder, 'opt/site-packages'), { recursive: true });
  return folder;
}

/** Inside it as its user. The Python packages are this machine's, by the same lock; mounts end with the command. */
const smoke = (root: string) =>
  execa(
    'unshare',
    [
      '--mount',
      'sh',
      '-c',
      'mount --bind "$2" "$1/opt/site-packages" && mount --bind /dev "$1/dev" && mount -t proc proc "$1/proc" ' +
        '&& exec chroot --userspec=10001:10001 "$1" env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/tmp ' +
        'PYTHONPATH=/opt/site-packages:/opt/stint PYTHONDONTWRITEBYTECODE=1 python -m trainer.smoke',
      'sh',
      root,
      SITE,
    ],
    { reject: false },
  );

const able = existsSync(SITE) && process.getuid?.() === 0 && process.platform === 'linux';

test.skipIf(!able)(
  'the image opens every library it is for, and its compiler makes a kernel and its launcher',
  async () => {
    const { stdout, exitCode } = await smoke(await imageOf(['packages.txt', 'compiler.txt', 'network.txt']));
    expect(stdout.split('\n').map((line) => line.slice(0, 3))).toEqual(Array(6).fill('ok '));
    expect(exitCode).toBe(0);
  },
  600_000,
);

test.skipIf(!able)(
  'an image without what opens adapters is noticed, and so is one without a compiler',
  async () => {
    const { stdout, exitCode } = await smoke(await imageOf(['packages.txt']));
    expect(stdout).toMatch(/^NO {2}libibverbs\.so\.1: OSError: .*cannot open shared object file/m);
    expect(stdout).toMatch(/^NO {2}a kernel's launcher: /m);
    expect(stdout).toMatch(/^ok {2}torch with CUDA/m);
    expect(exitCode).toBe(1);
  },
  600_000,
);
