import type { Plan } from '../../orchestrator/plan/plan.ts';
import { decide } from '../../orchestrator/run/decide.ts';
import type { Effect } from '../../orchestrator/run/effect.ts';
import type { RecordedEvent, RunEvent } from '../../orchestrator/run/event.ts';
import { foldRun } from '../../orchestrator/run/evolve.ts';
import type { JobFacts, Observation } from '../../orchestrator/run/job-facts.ts';
import { type KnownPod, numberAttempts } from '../../orchestrator/run/number-attempts.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import type { Outcome } from '../../orchestrator/run/state.ts';
import type { Stage } from '../../orchestrator/wire/job-spec.ts';
import type { CollectedStage } from '../../orchestrator/wire/stage-traits.ts';
import type { ExitClass } from '../../orchestrator/wire/termination.ts';
import { ended, pod } from './fixtures.ts';

export const STAGES: readonly Stage[] = ['prepare', 'train', 'export', 'evaluate'];
const SPENT = { budget: 'red', what: 'red is reached', todo: 'raise it' };
const GANG = 2;
const RESTARTS = 3;

const COLLECTED: Readonly<Record<CollectedStage, RunEvent>> = {
  prepare: { type: 'plan-reviewed', plan: {} as Plan },
  export: { type: 'checkpoint-registered', checkpoint: 'c1' },
  evaluate: { type: 'evaluation-recorded' },
};

/** What happens in the world between two looks of the controller. */
export interface Happening {
  readonly what:
    | 'nothing'
    | 'controllers'
    | 'fail'
    | 'succeed'
    | 'preempt'
    | 'deactivate'
    | 'delete'
    | 'trouble';
  readonly exitClass: ExitClass;
}

interface Job {
  facts: JobFacts;
  restarts: number;
  /** Pods that its controllers have made, also those that are gone. */
  made: number;
}

/**
 * A cluster as JobSet and Kueue make it: jobs wait for admission, start their gangs again by themselves, are preempted and
 * re-admitted, are deactivated and deleted; pods are kept until they are released, and a gang starts again only when the
 * last one's pods are gone. And a controller that forgets everything but its events and its ledger.
 */
export class GangWorld {
  readonly events: RecordedEvent[] = [];
  readonly jobs = new Map<string, Job>();
  readonly pods = new Map<string, PodFacts>();
  /** By uid: what the ledger has. */
  readonly known = new Map<string, KnownPod>();
  /** Of pods that the cluster was allowed to forget, the attempts that were not recorded as ended by then: a mistake. */
  readonly forgottenTooEarly: string[] = [];
  cancel = false;
  trouble: Outcome | null = null;
  /** A budget is used up. */
  spent = false;
  /** Stages with devices that were started, or started again, beyond it. */
  readonly startedBeyond: string[] = [];
  now = 0;

  run = () => foldRun(this.events);
  alive = () => [...this.pods.values()].filter(({ endedAt }) => endedAt === undefined);

  see(): Observation {
    const pods = numberAttempts([...this.pods.values()], this.known);
    for (const { uid, stage, attempt, boundAt, endedAt } of pods)
      this.known.set(uid, { stage, attempt, boundAt, endedAt });
    return { jobs: [...this.jobs.values()].map(({ facts }) => facts), pods };
  }

  look(crash: 'no' | 'before-record' | 'before-act', blind: boolean): void {
    this.now += 1;
    const decision = decide(this.run(), {
      stages: STAGES,
      seen: blind ? null : this.see(),
      trouble: this.trouble,
      cancel: this.cancel,
      interrupt: false,
      maxRetries: RESTARTS,
      held: 0,
      maxHeld: 1,
      budget: { reached: this.spent ? SPENT : null, warnings: [] },
    });
    if (crash === 'before-record') return;
    for (const event of decision.events)
      if (this.spent && event.type === 'stage-launched' && event.stage !== 'export')
        this.startedBeyond.push(event.stage);
    for (const event of decision.events)
      this.events.push({ seq: this.events.length + 1, at: this.now, event });
    if (decision.events.length > 0) this.trouble = null;
    if (crash === 'before-act') return;
    for (const effect of decision.effects) this.#act(effect);
  }

  #act(effect: Effect): void {
    if (effect.do === 'collect') {
      this.events.push({ seq: this.events.length + 1, at: this.now, event: COLLECTED[effect.stage] });
      return;
    }
    if (effect.do === 'release') return this.#release(effect);
    if (effect.do === 'clear') {
      if (this.alive().length > 0) this.forgottenTooEarly.push('what its jobs share');
      this.events.push({ seq: this.events.length + 1, at: this.now, event: { type: 'released' } });
      return;
    }
    const name = `r1-${effect.stage}-a${effect.attempt}`;
    if (effect.do === 'stop') return this.#stop(name);
    if (this.jobs.has(name)) return;
    const { stage, attempt: launch } = effect;
    const facts: JobFacts = {
      name,
      run: 'r1',
      stage,
      launch,
      size: GANG,
      state: 'waiting',
      reason: '',
      message: 'in queue',
      pending: [],
      retained: true,
    };
    this.jobs.set(name, { facts, restarts: 0, made: 0 });
  }

  #release({ job, pods, whole }: Effect & { do: 'release' }): void {
    const recorded = this.events.flatMap(({ event }) =>
      event.type === 'attempt-ended' ? [`${event.stage}-${event.attempt}`] : [],
    );
    for (const [uid, one] of this.pods) {
      if (one.job !== job || !pods.includes(one.name)) continue;
      const attempt = this.known.get(uid)?.attempt ?? 0;
      if (one.endedAt === undefined || !recorded.includes(`${one.stage}-${attempt}`))
        this.forgottenTooEarly.push(uid);
      this.pods.delete(uid);
    }
    const known = this.jobs.get(job);
    if (whole && known) {
      if (known.facts.state === 'held') this.jobs.delete(job);
      else known.facts = { ...known.facts, retained: false };
    }
  }

  #stop(job: string): void {
    const known = this.jobs.get(job);
    if (known && (known.facts.state === 'waiting' || known.facts.state === 'active'))
      known.facts = { ...known.facts, state: 'held', reason: 'Deactivated', message: 'by us' };
    this.#endPods(job, 'interrupted');
  }

  #endPods(job: string, exitClass: ExitClass): void {
    for (const [uid, one] of this.pods)
      if (one.job === job && one.endedAt === undefined)
        this.pods.set(uid, { ...one, ...endOf(exitClass), endedAt: this.now });
  }

  happen({ what, exitClass }: Happening): void {
    this.now += 1;
    const known = [...this.jobs.values()].at(-1);
    if (what === 'controllers') for (const one of this.jobs.values()) this.#control(one);
    if (!known) return;
    const { name, state } = known.facts;
    if (what === 'fail' && this.alive().length > 0) this.#endPods(name, exitClass);
    if (what === 'succeed') this.#endPods(name, 'succeeded');
    if (what === 'preempt' && state === 'active') {
      this.#endPods(name, 'interrupted');
      const takenBack = { reason: 'Preempted', message: 'for another', since: this.now };
      known.facts = { ...known.facts, state: 'waiting', message: 'in queue', takenBack };
    }
    if ((what === 'deactivate' || what === 'delete') && (state === 'active' || state === 'waiting')) {
      this.#endPods(name, 'interrupted');
      known.facts = { ...known.facts, state: 'held', reason: what, message: `somebody: ${what}` };
    }
    if (what === 'trouble' && this.alive().length > 0)
      this.trouble = { exitClass: 'infrastructure', message: 'it stands still' };
  }

  /** What the cluster's own controllers do with a job. */
  #control(job: Job): void {
    const { facts } = job;
    if (facts.state === 'waiting') {
      const { takenBack: back } = facts;
      const takenBack = back && { takenBack: { ...back, until: this.now } };
      job.facts = { ...facts, state: 'active', reason: '', message: '', ...takenBack };
    }
    if (facts.state !== 'active') return;
    const own = [...this.pods.values()].filter((one) => one.job === facts.name);
    if (own.some(({ endedAt }) => endedAt === undefined)) return;
    const last = own.filter(({ createdAt }) => createdAt === Math.max(...own.map((one) => one.createdAt)));
    const done = last.length === GANG && last.every(({ phase }) => phase === 'succeeded');
    if (done) job.facts = { ...facts, state: 'succeeded' };
    else if (last.some(({ phase }) => phase === 'failed') && job.restarts >= RESTARTS)
      job.facts = { ...facts, state: 'failed', reason: 'ReachedMaxRestarts' };
    else if (own.length === 0) this.#makeGang(job);
    // A gang that failed starts again when its pods are gone; one that was preempted has only to be admitted.
    else if (last.every(({ termination }) => termination?.exitClass === 'interrupted')) this.#makeGang(job);
  }

  #makeGang(job: Job): void {
    const { name, stage, launch } = job.facts;
    if (job.made > 0) job.restarts += 1;
    for (let index = 0; index < GANG; index++) {
      job.made += 1;
      const fresh = pod({ stage, launch, attempt: launch, index, createdAt: this.now, boundAt: this.now });
      const uid = `${name}-${job.made}`;
      this.pods.set(uid, { ...fresh, uid, name: uid, job: name, retained: true });
    }
  }
}

function endOf(exitClass: ExitClass): Partial<PodFacts> {
  const { phase, exitCode, termination } = ended(exitClass);
  return {
    phase,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(termination === undefined ? {} : { termination }),
  };
}
