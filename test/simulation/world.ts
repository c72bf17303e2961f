import type { Observation } from '../../orchestrator/run/job-facts.ts';
import { EXIT_CODE_OF_CLASS, NOT_RETRIED } from '../../orchestrator/wire/termination.ts';
import type { Chance } from './chance.ts';
import { Life } from './life.ts';
import {
  type End,
  inRecord,
  isRecordAlive,
  isTrulyAlive,
  type Job,
  jobFactsOf,
  type Node,
  type Pod,
  podFactsOf,
} from './records.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Exit codes on which the rendered JobSet fails for good (job-templates/jobset): those of no retry, unfit, unknown. */
const FAILS_FOR_GOOD: ReadonlySet<number> = new Set(
  [...NOT_RETRIED, 'unfit', 'unknown'].map(
    (name) => EXIT_CODE_OF_CLASS[name as keyof typeof EXIT_CODE_OF_CLASS],
  ),
);
const MAX_RESTARTS = 3;
const TICK_MILLISECONDS = 250;

export interface Snapshot {
  readonly at: number;
  readonly seen: Observation;
}

/** What training has come to, on the shared volume. */
export interface Training {
  readonly steps: number;
  readonly checkpointEvery: number;
  saved: number;
  reached: number;
  /** Steps that a life had to make again. */
  lostSteps: number;
}

/**
 * A cluster as JobSet, Kueue and kubelets make it, and as it truly is: jobs wait for admission, start their gangs again by
 * themselves when the last one's pods are gone, are preempted and admitted again, deactivated and deleted; records of pods
 * are kept until they are released. It knows nothing of who watches it.
 */
export class World {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly training: Training;
  readonly nodes: Node[] = [];
  readonly jobs: Job[] = [];
  /** All that there ever were. */
  readonly pods: Pod[] = [];
  /** What the API server knew, from when on. The newest last. */
  readonly history: Snapshot[] = [];
  /** What must never be. */
  readonly violations: string[] = [];
  /** Its queue admits nothing before. */
  admitsFrom = 0;
  /** Counts changes, those of logs included. */
  version = 0;
  readonly #waiting = new Set<() => void>();
  readonly #stop: () => void;

  constructor(clock: VirtualClock, chance: Chance, training: Training) {
    this.clock = clock;
    this.chance = chance;
    this.training = training;
    this.changed();
    this.#stop = clock.every(TICK_MILLISECONDS, () => this.#tick());
  }

  addNode(): void {
    const skew = this.chance.between(-1_500, 1_500);
    const name = `gpu-${this.nodes.length}`;
    this.nodes.push({ name, skew, state: 'up', cordoned: false, imagesPulled: true });
  }

  close(): void {
    this.#stop();
  }

  /** Ends when something is newer than the version, or at the abort. */
  changeSince(version: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal.aborted || this.version !== version) return Promise.resolve();
    const wake = () => {
      this.#waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake);
    return promise;
  }

  changed(): void {
    const jobs = this.jobs.flatMap((job) => jobFactsOf(job, this.pods));
    const pods = this.pods.flatMap(podFactsOf);
    this.history.push({ at: this.clock.now(), seen: { jobs, pods } });
    this.linesChanged();
  }

  linesChanged(): void {
    this.version += 1;
    for (const wake of this.#waiting) wake();
  }

  setJob(
    job: Job,
    change: Partial<Pick<Job, 'state' | 'reason' | 'message' | 'takenBack' | 'deleted'>>,
  ): void {
    Object.assign(job, { reason: '', message: '', ...change, since: inRecord(this.clock.now()) });
    this.changed();
  }

  podsOf = (job: Job): readonly Pod[] => this.pods.filter((pod) => pod.job === job && !pod.gone);

  #tick(): void {
    // Controllers are busy with others, too.
    for (const job of this.jobs) if (!job.gone && this.chance.happens(0.5)) this.#control(job);
  }

  #control(job: Job): void {
    if (job.deleted) return;
    if (job.state === 'waiting') this.#admit(job);
    else if (job.state === 'active') this.#keepGang(job);
  }

  #admit(job: Job): void {
    const now = this.clock.now();
    const isEnding = this.podsOf(job).some(isRecordAlive);
    if (now < this.admitsFrom || isEnding || !this.chance.happens(0.5)) return;
    const { takenBack } = job;
    this.setJob(job, {
      state: 'active',
      takenBack: takenBack && { ...takenBack, until: inRecord(now) },
    });
  }

  #keepGang(job: Job): void {
    const life = job.lives.at(-1);
    const left = this.podsOf(job);
    if (life === undefined || job.again) {
      // What has been done is not done again.
      if (life && life.pods.every(({ record }) => record.phase === 'succeeded'))
        return this.setJob(job, { state: 'succeeded', reason: 'AllJobsCompleted' });
      const isFree = job.again === 'restart' ? left.length === 0 : !left.some(isRecordAlive);
      if (isFree && this.clock.now() >= job.blockedUntil) this.#makeGang(job);
      return;
    }
    for (const pod of life.pods) if (pod.boundAt === null) this.#bind(pod);
    const ended = life.pods.filter((pod) => pod.gone || pod.record.endedAt !== undefined);
    const failed = ended.find((pod) => pod.record.phase !== 'succeeded');
    if (failed) this.#gangFailed(job, life, failed);
    else if (ended.length === job.size) this.setJob(job, { state: 'succeeded', reason: 'AllJobsCompleted' });
  }

  #gangFailed(job: Job, life: Life, failed: Pod): void {
    const code = failed.record.exitCode;
    const isDisruption = failed.disrupted || failed.record.nodeFailed === true;
    if (code !== undefined && FAILS_FOR_GOOD.has(code) && !isDisruption)
      this.setJob(job, {
        state: 'failed',
        reason: 'FailJobSetFailurePolicyAction',
        message: `Container trainer for pod ${failed.name} failed with exit code ${code}`,
      });
    else if (!isDisruption && job.restarts >= MAX_RESTARTS)
      this.setJob(job, {
        state: 'failed',
        reason: 'ReachedMaxRestarts',
        message: 'maximum number of restarts',
      });
    else {
      if (!isDisruption) job.restarts += 1;
      job.again = 'restart';
    }
    for (const pod of life.pods) this.askToEnd(pod, job.graceSeconds);
  }

  #makeGang(job: Job): void {
    job.again = null;
    const life = new Life(this);
    job.lives.push(life);
    for (let index = 0; index < job.size; index++) {
      // A job that was taken away and is made again makes pods of other names: JobSet's have a random end.
      const before = this.pods.filter((pod) => pod.job.name === job.name && pod.index === index).length;
      const name = `${job.name}-${index}-${before + 1}`;
      const pod: Pod = {
        uid: name,
        name,
        job,
        life,
        index,
        devices: job.devices,
        createdAt: inRecord(this.clock.now()),
        node: null,
        boundAt: null,
        started: false,
        endedTrue: null,
        end: null,
        record: { phase: 'pending' },
        dueToEndAt: null,
        disrupted: false,
        retained: true,
        gone: false,
        forceDeleted: false,
        releasedAlive: false,
        logLost: false,
        lines: [],
      };
      life.pods.push(pod);
      this.pods.push(pod);
    }
    for (const pod of life.pods) this.#bind(pod);
    this.changed();
  }

  #bind(pod: Pod): void {
    if (pod.gone || pod.dueToEndAt !== null) return;
    const { job, life } = pod;
    const taken = this.pods.filter((each) => isRecordAlive(each) && each.devices > 0).map(({ node }) => node);
    const node = this.nodes.find(
      (each) =>
        each.state === 'up' &&
        !each.cordoned &&
        !job.avoid.includes(each.name) &&
        (pod.devices === 0 || !taken.includes(each)),
    );
    if (node === undefined || this.chance.happens(0.3)) return;
    const others = this.pods.filter((each) => each.life !== life && isTrulyAlive(each));
    if (others.length > 0)
      this.violations.push(`${pod.name} starts beside ${others.map(({ name }) => name).join(', ')}`);
    pod.node = node;
    pod.boundAt = inRecord(this.clock.now());
    this.changed();
    this.clock.after(this.chance.between(300, 2_500), () => this.#start(pod));
  }

  #start(pod: Pod): void {
    const { node, boundAt } = pod;
    if (pod.endedTrue !== null || node === null || boundAt === null || node.state !== 'up') return;
    if (!node.imagesPulled) {
      this.clock.after(1_000, () => this.#start(pod));
      return;
    }
    pod.started = true;
    const startedAt = Math.max(boundAt, inRecord(this.clock.now() + node.skew));
    this.clock.after(this.chance.between(50, 500), () => {
      if (pod.record.endedAt === undefined) pod.record = { ...pod.record, phase: 'running', startedAt };
      this.changed();
    });
    pod.life.podStarted(pod);
  }

  /** SIGTERM now, SIGKILL after the grace period, which a later wish may only shorten; as far as its node hears of it. */
  askToEnd(pod: Pod, graceSeconds: number): void {
    if (pod.gone) return;
    if (pod.record.endedAt !== undefined || pod.boundAt === null) {
      pod.dueToEndAt ??= inRecord(this.clock.now());
      if (pod.boundAt === null) pod.retained = false;
      this.#forgetIfLetGo(pod);
      this.changed();
      return;
    }
    const due = inRecord(this.clock.now()) + graceSeconds * 1_000;
    const isNew = pod.dueToEndAt === null;
    pod.dueToEndAt = Math.min(due, pod.dueToEndAt ?? due);
    this.changed();
    if (isNew) this.#terminate(pod);
    this.clock.after(graceSeconds * 1_000, () => this.#kill(pod));
  }

  #terminate(pod: Pod): void {
    if (pod.node?.state !== 'up' || pod.endedTrue !== null) return;
    if (pod.started) pod.life.askedToEnd(pod);
    else this.clock.after(200, () => this.#neverStarted(pod));
  }

  #neverStarted(pod: Pod): void {
    const message = 'the command was not started: it was asked to end before';
    this.endPod(pod, { exitCode: 0, termination: { exitClass: 'interrupted', message } }, 'failed');
  }

  #kill(pod: Pod): void {
    if (pod.node?.state === 'up') this.endPod(pod, { exitCode: 137, signal: 'SIGKILL' });
  }

  /** In truth; its record says so once its node has. */
  endPod(pod: Pod, end: End, phase?: 'failed'): void {
    if (pod.endedTrue !== null || pod.node === null) return;
    pod.endedTrue = this.clock.now();
    pod.end = end;
    if (end.disrupted) pod.disrupted = true;
    pod.life.podEnded(pod, end);
    const { node } = pod;
    this.clock.after(this.chance.between(100, 900), () => {
      if (node.state === 'up') this.report(pod, phase);
    });
  }

  /** The node says how it ended, by its own clock. */
  report(pod: Pod, phase?: 'failed'): void {
    const { end, endedTrue, boundAt, node, record } = pod;
    if (record.endedAt !== undefined || end === null || endedTrue === null || boundAt === null || !node)
      return;
    const { exitCode, signal, termination } = end;
    const { unreachableSince: _, ...known } = record;
    pod.record = {
      ...known,
      phase: phase ?? (exitCode === 0 && termination?.exitClass === 'succeeded' ? 'succeeded' : 'failed'),
      endedAt: Math.max(boundAt, inRecord(endedTrue + node.skew)),
      ...(phase === undefined && { exitCode }),
      ...(signal !== undefined && { signal }),
      ...(termination && { termination }),
    };
    this.#forgetIfLetGo(pod);
    this.changed();
  }

  /** Its node is heard of again. */
  resumeReporting(pod: Pod): void {
    if (pod.endedTrue !== null) return this.report(pod);
    if (pod.dueToEndAt !== null) {
      this.#terminate(pod);
      this.clock.after(pod.dueToEndAt - this.clock.now(), () => this.#kill(pod));
    }
    if (pod.started) pod.life.nodeHeard(pod);
    else this.#start(pod);
  }

  /** It is dead, by the API server's word, and nobody saw how it ended. */
  provenDead(pod: Pod): void {
    if (pod.gone || pod.record.endedAt !== undefined || pod.boundAt === null) return;
    const { unreachableSince: _, ...known } = pod.record;
    pod.endedTrue ??= this.clock.now();
    pod.record = {
      ...known,
      phase: 'lost',
      endedAt: Math.max(pod.boundAt, inRecord(this.clock.now())),
      nodeFailed: true,
    };
    this.changed();
  }

  letPodGo(pod: Pod): void {
    pod.retained = false;
    this.#forgetIfLetGo(pod);
    this.changed();
  }

  /** By hand: the jobs first, then their pods, which end as their nodes end them. */
  deleteAll(): void {
    for (const job of this.jobs) {
      job.retained = false;
      this.removeJob(job);
    }
    for (const pod of this.pods) this.askToEnd(pod, pod.job.graceSeconds);
  }

  /** Nothing keeps any record; what still lives ends later, and nobody hears of it. */
  letAllGo(): void {
    for (const pod of this.pods) {
      if (pod.gone) continue;
      pod.releasedAlive = pod.boundAt !== null && isRecordAlive(pod);
      this.letPodGo(pod);
    }
  }

  removeJob(job: Job): void {
    job.gone = true;
    for (const pod of this.podsOf(job)) {
      if (pod.boundAt === null) this.askToEnd(pod, 0);
      else if (!pod.retained && !isRecordAlive(pod)) pod.gone = true;
    }
    this.changed();
  }

  #forgetIfLetGo(pod: Pod): void {
    const isDone = pod.record.endedAt !== undefined || pod.boundAt === null;
    if (!pod.retained && isDone && (pod.dueToEndAt !== null || pod.job.gone)) pod.gone = true;
  }
}
