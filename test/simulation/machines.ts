import { inRecord, isTrulyAlive, type Node, type Pod } from './records.ts';
import type { World } from './world.ts';

/** A node does not answer any more: it is off, or its processes go on where nobody hears of them. */
export function loseNode(world: World, node: Node, how: 'off' | 'cut'): void {
  node.state = how;
  const { clock, chance } = world;
  for (const pod of on(world, node)) {
    if (how === 'off' && pod.endedTrue === null) pod.endedTrue = clock.now();
    if (how === 'off') pod.logLost = true;
    pod.life.nodeSilent();
  }
  world.linesChanged();
  clock.after(chance.between(3_000, 6_000), () => {
    if (node.state === 'up') return;
    for (const pod of on(world, node))
      if (pod.record.startedAt !== undefined && pod.record.endedAt === undefined)
        pod.record = { ...pod.record, unreachableSince: inRecord(clock.now()) };
    world.changed();
  });
}

/** It answers again: its kubelet tells what became of its pods, as far as it knows. */
export function nodeReturns(world: World, node: Node): void {
  if (node.state === 'gone' || node.state === 'up') return;
  const { state: was } = node;
  node.state = 'up';
  world.clock.after(world.chance.between(500, 3_000), () => {
    if (node.state !== 'up') return;
    for (const pod of on(world, node)) {
      const { unreachableSince: _, ...record } = pod.record;
      pod.record = record;
      if (was === 'off') world.provenDead(pod);
      else world.resumeReporting(pod);
    }
    world.changed();
  });
}

/** Someone strikes a node that is off from the list, or declares it out of service: its pods count as ended. */
export function nodeIsGone(world: World, node: Node): void {
  if (node.state !== 'off') return;
  node.state = 'gone';
  world.clock.after(world.chance.between(2_000, 20_000), () => {
    for (const pod of on(world, node)) world.provenDead(pod);
  });
}

const on = (world: World, node: Node): readonly Pod[] =>
  world.pods.filter((pod) => pod.node === node && !pod.gone && pod.record.endedAt === undefined);

/** Its record is taken away by force; its kubelet ends what is left of it at once. */
export function forceDelete(world: World, pod: Pod): void {
  pod.forceDeleted = true;
  pod.gone = true;
  pod.retained = false;
  if (isTrulyAlive(pod)) world.endPod(pod, { exitCode: 137, signal: 'SIGKILL' });
  world.changed();
}
