import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { HOME } from './layout.ts';

const TRAINER = resolve('ops/images/trainer');

export interface Image {
  readonly name: string;
  /** A docker-archive, as `docker save` writes it. */
  readonly archive: string;
}

interface Contents {
  readonly packages: readonly string[];
  readonly command: readonly string[];
  readonly env: readonly string[];
  /** Puts more files into the root folder. */
  readonly add: (root: string) => void;
}

const PATH = 'PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';

/** Images by name; each is made once for its contents, from Debian packages, without a registry or an engine. */
export async function makeImages(): Promise<readonly Image[]> {
  const packages = readFileSync(join(TRAINER, 'packages.txt'), 'utf8').trim().split('\n');
  return [
    await make('test.local/pause', {
      packages: ['busybox-static'],
      command: ['/bin/busybox', 'sleep', '2147483647'],
      env: [PATH],
      add: () => {},
    }),
    // As ops/images/trainer/Containerfile builds it, without the Python packages: 5 GB, which a volume brings here.
    await make('test.local/trainer', {
      packages,
      command: [],
      env: [PATH, 'PYTHONPATH=/opt/site-packages:/opt/stint', 'PYTHONDONTWRITEBYTECODE=1', 'HOME=/tmp'],
      add: (root) => {
        mkdirSync(join(root, 'opt/site-packages'), { recursive: true });
        cpSync(resolve('trainer'), join(root, 'opt/stint/trainer'), { recursive: true, filter: isSource });
        cpSync(join(TRAINER, 'bin'), join(root, 'usr/local/bin'), { recursive: true });
      },
    }),
  ];
}

async function make(name: string, contents: Contents): Promise<Image> {
  const folder = join(HOME, 'images');
  const base = await baseOf(contents.packages);
  const work = await mkdtemp(join(tmpdir(), 'stint-image-'));
  try {
    const root = join(work, 'root');
    await execa('cp', ['-a', base, root]);
    contents.add(root);
    const layer = join(work, 'layer.tar');
    await execa('tar', [
      '--sort=name',
      '--mtime=@0',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '-C',
      root,
      '-cf',
      layer,
      '.',
    ]);
    const digest = createHash('sha256').update(readFileSync(layer)).digest('hex');
    const fileName = name.replaceAll('/', '-');
    const archive = join(folder, `${fileName}-${digest.slice(0, 16)}.tar`);
    if (existsSync(archive)) return { name, archive };
    const config = {
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Entrypoint: contents.command, Env: contents.env, WorkingDir: '/', User: '10001:10001' },
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    };
    writeFileSync(join(work, 'config.json'), JSON.stringify(config));
    const manifest = [{ Config: 'config.json', RepoTags: [`${name}:test`], Layers: ['layer.tar'] }];
    writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest));
    await execa('tar', [
      '-C',
      work,
      '-cf',
      `${archive}.partial`,
      'manifest.json',
      'config.json',
      'layer.tar',
    ]);
    for (const old of globSync(join(folder, `${fileName}-*.tar`))) rmSync(old);
    renameSync(`${archive}.partial`, archive);
    return { name, archive };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A root folder of Debian packages and all they depend on, unpacked without running any script of theirs. */
export async function baseOf(packages: readonly string[]): Promise<string> {
  // This file decides the contents, too.
  const recipe = readFileSync(import.meta.filename);
  const key = createHash('sha256').update(packages.join(' ')).update(recipe).digest('hex').slice(0, 16);
  const base = join(HOME, 'images', `base-${key}`);
  if (existsSync(base)) return base;
  const partial = `${base}.partial`;
  const debs = join(HOME, 'images', `debs-${key}`);
  for (const folder of [partial, debs]) rmSync(folder, { recursive: true, force: true });
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    // Merged /usr first, as Debian 12 wants it.
    mkdirSync(join(partial, 'usr', folder), { recursive: true });
    symlinkSync(`usr/${folder}`, join(partial, folder));
  }
  mkdirSync(join(debs, 'partial'), { recursive: true });
  const download = () => execa('apt-get', [...againstNothing(debs), ...packages]);
  // A new machine has no lists of packages yet.
  await download().catch(async () => {
    await execa('apt-get', ['-qq', 'update']);
    await download();
  });
  const unpack =
    'for deb in "$0"/*.deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$1"; done';
  await execa('sh', ['-c', unpack, debs, partial]);
  await finish(partial);
  rmSync(debs, { recursive: true });
  renameSync(partial, base);
  return base;
}

/** Downloads are resolved against an empty machine, so that everything is fetched; apt's own state stays as it is. */
function againstNothing(debs: string): readonly string[] {
  const status = join(debs, 'status');
  writeFileSync(status, '');
  const options = [
    `Dir::State::status=${status}`,
    `Dir::Cache::archives=${debs}`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=root',
  ];
  const flags = ['-qq', '-y', '--no-install-recommends', '--download-only'];
  return [...flags, ...options.flatMap((option) => ['-o', option]), 'install'];
}

/** What the packages' scripts would have made, as far as it is needed. */
async function finish(root: string): Promise<void> {
  for (const folder of ['tmp', 'proc', 'sys', 'dev', 'run', 'etc', 'usr/local/bin'])
    mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nstint:x:10001:10001::/tmp:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nstint:x:10001:\n');
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  // Every command word of a Debian machine, as the Containerfile's base has them; a program of a package comes first.
  const busybox = join(root, 'usr/bin/busybox');
  const { stdout } = await execa(busybox, ['--list']);
  for (const applet of stdout.split('\n'))
    if (!existsSync(join(root, 'usr/bin', applet))) symlinkSync('busybox', join(root, 'usr/bin', applet));
}

const isSource = (path: string): boolean => !/__pycache__|\/tests(\/|$)|\.pyc$/.test(path);
