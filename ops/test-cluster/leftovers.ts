import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { podGroups } from './control-groups.ts';
import { BRIDGE, RUN } from './layout.ts';
import { processesWith } from './processes.ts';

/**
 * What of a cluster that was ended is still on the machine, a line each. Control groups of pods have the same name for
 * every kubelet, so they count only where the cluster had a node.
 */
export async function leftovers(hadNode: boolean): Promise<readonly string[]> {
  const bridge = await execa('ip', ['link', 'show', BRIDGE], { reject: false });
  return [
    // Every program of the cluster has a path below this folder in its command line.
    ...processesWith(RUN).map(({ pid, command }) => `process ${pid}: ${command.slice(0, 200)}`),
    ...readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(`${RUN}/`))
      .map((line) => `mount ${line}`),
    ...(hadNode ? podGroups() : []).map((group) => `control group ${group}`),
    ...(bridge.failed ? [] : [`network bridge ${BRIDGE}`]),
  ];
}
