import type { Cluster, LogOptions, Settled } from '../../orchestrator/ports/cluster.ts';
import { LABEL } from '../../orchestrator/render/keys.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import { StageSchema } from '../../orchestrator/wire/job-spec.ts';
import { holdsDevices } from '../../orchestrator/wire/stage-traits.ts';
import { ClusterView } from './cluster-view.ts';
import { nodeIsGone } from './machines.ts';
import { inRecord, isRecordAlive, type Job, type Pod } from './records.ts';
import { type OrderTrouble, refused, type Trouble, unreachable } from './trouble.ts';
import type { World } from './world.ts';

export interface SimulatedOptions {
  /** Seconds: of pods from SIGTERM to SIGKILL. */
  readonly grace: number;
  /** The profile's `fenceLostNodes`, after so many seconds; null where nobody may. */
  readonly fenceAfter: number | null;
  readonly devicesPerNode: number;
  /** Told before a record may go; throws where that is a mistake. */
  readonly onRelease: (settled: Settled) => Promise<void>;
}

/** As cluster/kubernetes does, of a pod whose node does not answer. */
const TRIES_AFTER_END = 6;
const LATENCY = [10, 250] as const;
/** Nodes that it keeps away from. */
const AVOIDED = /"operator":"NotIn","values":\[([^\]]*)\]/;
const ANY: readonly OrderTrouble[] = ['answer-lost', 'answer-late', 'failed'];

/** The world through the port, as one process reaches it. */
export function simulatedCluster(world: World, trouble: Trouble, options: SimulatedOptions): Cluster {
  const { clock, chance } = world;
  const view = new ClusterView(world, trouble);
  const isUnreadable = () => clock.now() < trouble.unreadableUntil;
  const latency = () => clock.sleep(chance.between(...LATENCY));
  const jobNamed = (name: string) => world.jobs.find((job) => job.name === name && !job.gone);

  async function order(
    kinds: readonly OrderTrouble[],
    act: (what: OrderTrouble | null) => void,
  ): Promise<void> {
    await latency();
    if (isUnreadable()) throw unreachable();
    const what = trouble.takeOrder(kinds);
    if (what === 'refused') throw refused();
    if (what === 'failed') throw new TypeError('the server has sent half an answer');
    act(what);
    if (what === 'answer-late') await clock.sleep(chance.between(5_000, 20_000));
    if (what === 'answer-lost' || what === 'halfway') throw unreachable();
  }

  async function apply(manifests: readonly Manifest[]): Promise<void> {
    await order([...ANY, 'halfway', 'refused'], (what) => {
      if (what === 'halfway') return;
      const owner = manifests.find(({ metadata }) => metadata.labels?.[LABEL.stage] !== undefined);
      if (owner === undefined) throw new Error('no manifest makes pods');
      if (jobNamed(owner.metadata.name)) return;
      const others = world.pods.filter(isRecordAlive);
      if (others.length > 0)
        world.violations.push(`${owner.metadata.name} is launched beside ${others[0]?.name ?? ''}`);
      world.jobs.push(jobOf(owner));
      world.changed();
    });
  }

  function jobOf(manifest: Manifest): Job {
    const { name, labels = {} } = manifest.metadata;
    const stage = StageSchema.parse(labels[LABEL.stage]);
    return {
      name,
      run: labels[LABEL.run] ?? '',
      stage,
      launch: Number(labels[LABEL.attempt]),
      size: stage === 'train' ? 2 : 1,
      devices: holdsDevices(stage) ? options.devicesPerNode : 0,
      avoid: AVOIDED.exec(JSON.stringify(manifest))?.[1]?.replaceAll('"', '').split(',') ?? [],
      graceSeconds: options.grace,
      state: 'waiting',
      since: inRecord(clock.now()),
      reason: 'NoWorkload',
      message: 'it waits in its queue',
      takenBack: null,
      retained: true,
      deleted: false,
      gone: false,
      restarts: 0,
      lives: [],
      again: null,
      blockedUntil: 0,
    };
  }

  async function* watch(_run: string, { signal }: { readonly signal: AbortSignal }) {
    const { cuts } = trouble;
    let shown = '';
    while (!signal.aborted) {
      const { version } = world;
      if (isUnreadable()) throw new Error('the API server has not answered for some seconds');
      if (trouble.cuts > cuts && chance.happens(0.5)) throw new Error('the connection was cut');
      if (trouble.cuts > cuts) return;
      const seen = view.look();
      const text = JSON.stringify(seen);
      if (text !== shown || trouble.repeats > 0) {
        trouble.repeats = Math.max(0, trouble.repeats - 1);
        shown = text;
        yield seen;
      }
      const late = Math.max(trouble.podsLate, trouble.jobsLate);
      await (late > 0 ? clock.sleep(500, signal) : world.changeSince(version, signal));
      await latency();
    }
  }

  function podNamed(name: string): Pod {
    const pod = world.pods.find((each) => each.name === name);
    if (pod === undefined) throw new Error(`there is no pod ${name}`);
    return pod;
  }

  async function* logs(name: string, { signal, follow = true }: LogOptions) {
    const pod = podNamed(name);
    let [next, tries] = [0, 0];
    while (!signal.aborted && !pod.gone) {
      if (trouble.logsLate > 0) await clock.sleep(trouble.logsLate, signal);
      const { version } = world;
      const isOver = !follow || pod.record.endedAt !== undefined;
      if (pod.node?.state === 'up' && !isUnreadable()) {
        for (const line of pod.lines.slice(next)) yield line;
        next = pod.lines.length;
        if (isOver) return;
        await world.changeSince(version, signal);
      } else await clock.sleep(1_000, signal);
      if (isOver) tries += 1;
      if (isOver && (pod.logLost || tries > TRIES_AFTER_END)) throw new Error('its log is out of reach');
      await latency();
    }
  }

  async function stop(
    name: string,
    { signal, graceSeconds = options.grace }: Parameters<Cluster['stop']>[1],
  ) {
    await order(ANY, () => {
      const job = jobNamed(name);
      if (job && (job.state === 'waiting' || job.state === 'active'))
        world.setJob(job, { state: 'held', reason: 'Deactivated', message: 'it is deactivated' });
      if (job) for (const pod of world.podsOf(job)) world.askToEnd(pod, options.grace);
      endAll(name, graceSeconds);
    });
    for (;;) {
      if (signal.aborted) throw new Error('aborted');
      view.look();
      if (!isUnreadable() && endAll(name, graceSeconds) === 0) return;
      fenceOverdue(name);
      await clock.sleep(1_000, signal);
    }
  }

  /** Gives how many are left. */
  function endAll(job: string, graceSeconds: number): number {
    const left = world.pods.filter((pod) => pod.job.name === job && isRecordAlive(pod));
    for (const pod of left) world.askToEnd(pod, Math.max(1, Math.ceil(graceSeconds)));
    return left.length;
  }

  function fenceOverdue(job: string): void {
    const { fenceAfter } = options;
    if (fenceAfter === null) return;
    for (const { node, dueToEndAt, job: own } of world.pods.filter(isRecordAlive))
      if (own.name === job && node && dueToEndAt !== null && clock.now() > dueToEndAt + fenceAfter * 1_000)
        nodeIsGone(world, node);
  }

  async function release(settled: Settled): Promise<void> {
    await options.onRelease(settled);
    await order(ANY, () => {
      for (const pod of world.pods) if (settled.pods.includes(pod.name)) world.letPodGo(pod);
      const job = jobNamed(settled.job);
      if (!job || !settled.whole) return;
      job.retained = false;
      world.changed();
      if ((job.state !== 'succeeded' && job.state !== 'failed') || job.deleted) world.removeJob(job);
    });
  }

  async function clear(): Promise<void> {
    await order(ANY, () => {
      if (world.pods.some(isRecordAlive))
        world.violations.push('what its jobs share is taken from a pod that lives');
    });
  }

  return {
    outlives: true,
    queues: true,
    apply,
    runs: async () => {
      await latency();
      if (isUnreadable()) throw unreachable();
      const jobs = world.jobs.filter(({ gone }) => !gone);
      const pods = world.pods.filter(({ gone }) => !gone);
      return [...new Set([...jobs, ...pods.map(({ job }) => job)].map(({ run }) => run))].toSorted();
    },
    watch,
    logs,
    stop,
    fence: async () => undefined,
    release,
    clear,
    usableNodes: async () => {
      await latency();
      return world.nodes.filter(({ state, cordoned }) => state === 'up' && !cordoned).map(({ name }) => name);
    },
  };
}
