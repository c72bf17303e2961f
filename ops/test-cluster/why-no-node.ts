import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { hierarchies, podGroups } from './control-groups.ts';

const PROGRAMS = ['containerd', 'runc', 'ctr', 'unshare', 'nsenter', 'ip', 'apt-get', 'dpkg-deb'];

/** Why containers cannot run on this machine; undefined where they can. */
export async function whyNoNode(): Promise<string | undefined> {
  for (const program of PROGRAMS)
    if ((await execa('which', [program], { reject: false })).failed) return `${program} is not installed`;
  if (process.getuid?.() !== 0) return 'containers need root';
  const mount = await execa('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'], {
    reject: false,
  });
  if (mount.failed) return 'this machine allows no mounts';
  const writable = hierarchies().some((folder) => {
    try {
      const group = join(folder, `stint-${process.pid}`);
      mkdirSync(group);
      rmdirSync(group);
      return true;
    } catch {
      return false;
    }
  });
  if (!writable) return 'this machine allows no control groups';
  return podGroups().length > 0 ? 'another kubelet has its pods on this machine' : undefined;
}
