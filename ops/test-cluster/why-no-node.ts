import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { hierarchies, isInUse, podGroups } from './control-groups.ts';
import { NODE, SITE_PACKAGES } from './layout.ts';
import { processesWith } from './processes.ts';

const PROGRAMS = ['containerd', 'runc', 'ctr', 'unshare', 'nsenter', 'ip', 'apt-get', 'dpkg-deb'];

/** Why containers cannot run on this machine; undefined where they can. */
export async function whyNoNode(): Promise<string | undefined> {
  for (const program of PROGRAMS)
    if ((await execa('which', [program], { reject: false })).failed) return `${program} is not installed`;
  if (!existsSync('/usr/lib/cni/bridge')) return 'containernetworking-plugins is not installed';
  if (!existsSync(SITE_PACKAGES)) return `the image has Python 3.11, and there is no ${SITE_PACKAGES}`;
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
  if (existsSync(NODE)) return undefined;
  // Empty groups are what a kubelet left that was killed, perhaps that of another clone's test cluster.
  if (podGroups().some(isInUse)) return 'another kubelet has its pods on this machine';
  return processesWith('kubelet ').some(({ command }) => /^\S*kubelet /.test(command))
    ? 'another kubelet runs on this machine'
    : undefined;
}
