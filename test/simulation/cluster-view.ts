import type { Observation } from '../../orchestrator/run/job-facts.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import type { Trouble } from './trouble.ts';
import type { Snapshot, World } from './world.ts';

/**
 * What one process knows of the cluster, as cluster/kubernetes makes it of two watches that may be late, each by its own: a
 * watch never goes back; a pod that is gone and was not seen to end counts as lost from when it is missed; pods whose job is
 * not known wait for the API server's word on it; a job that has ended comes with its pods.
 */
export class ClusterView {
  readonly #world: World;
  readonly #trouble: Trouble;
  readonly #pods = new Map<string, PodFacts>();
  #podsAt = 0;
  #jobsAt = 0;

  constructor(world: World, trouble: Trouble) {
    this.#world = world;
    this.#trouble = trouble;
  }

  look(): Observation {
    const now = this.#world.clock.now();
    this.#podsAt = Math.max(this.#podsAt, now - this.#trouble.podsLate);
    this.#jobsAt = Math.max(this.#jobsAt, now - this.#trouble.jobsLate);
    let { jobs } = this.#at(this.#jobsAt);
    let { pods } = this.#at(this.#podsAt);
    if (pods.some(({ job, retained }) => retained && !jobs.some(({ name }) => name === job))) {
      this.#jobsAt = now;
      jobs = this.#at(now).jobs;
    }
    if (
      this.#podsAt < this.#jobsAt &&
      jobs.some(({ state }) => state === 'succeeded' || state === 'failed')
    ) {
      this.#podsAt = this.#jobsAt;
      pods = this.#at(this.#podsAt).pods;
    }
    return { jobs, pods: this.#remembered(pods) };
  }

  #at(time: number): Snapshot['seen'] {
    const { history } = this.#world;
    const found = history.findLast(({ at }) => at <= time) ?? history[0];
    if (found === undefined) throw new Error('a world without history');
    return found.seen;
  }

  #remembered(pods: readonly PodFacts[]): readonly PodFacts[] {
    for (const pod of pods) {
      const isOlder = pod.endedAt === undefined && this.#pods.get(pod.uid)?.endedAt !== undefined;
      if (!isOlder) this.#pods.set(pod.uid, pod);
    }
    const present = new Set(pods.map(({ uid }) => uid));
    for (const [uid, known] of this.#pods) {
      if (present.has(uid) || (known.endedAt !== undefined && !known.retained)) continue;
      const pod = { ...known, retained: false };
      const lost = { phase: 'lost', endedAt: this.#world.clock.now() } as const;
      this.#pods.set(uid, pod.endedAt === undefined ? { ...pod, ...lost } : pod);
    }
    return [...this.#pods.values()].toSorted(
      (a, b) => a.boundAt - b.boundAt || a.job.localeCompare(b.job) || a.index - b.index,
    );
  }
}
