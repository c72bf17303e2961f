import type { Stage } from '../wire/job-spec.ts';
import { attemptOutcome } from './attempt-outcome.ts';
import type { RecordedEvent, RunEvent } from './event.ts';
import { evolve, foldRun } from './evolve.ts';
import type { Observation } from './job-facts.ts';
import { isAlive } from './pod-facts.ts';
import type { ActiveState, Outcome } from './state.ts';
import { isAtRest } from './state.ts';

/** What is seen of a run whose record goes less far. */
export interface SeenRun {
  /** Of its recipe, in order. */
  readonly stages: readonly Stage[];
  /** Its pods say which attempts they are a part of (`numberAttempts`). */
  readonly seen: Observation;
  /** What was taken over of stages that have ended well, where that is still to be had. */
  readonly collected: ReadonlyMap<Stage, RunEvent>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Launch {
  readonly stage: Stage;
  readonly launch: number;
  readonly at: number;
}

/**
 * The events that a controller must have recorded before its cluster came to show what it shows: each launch that is not recorded,
 * and how what was on its way before it ended. How the newest launch stands is left to whoever goes on with the run, who sees the
 * same. Nothing where all launches are recorded.
 */
export function eventsSeen(recorded: readonly RecordedEvent[], found: SeenRun): readonly RecordedEvent[] {
  const derived: RecordedEvent[] = [];
  const { stages, seen, collected } = found;
  const launches = launchesOf(found);
  const isRecorded = ({ stage, launch }: Launch) =>
    recorded.some(
      ({ event }) => event.type === 'stage-launched' && event.stage === stage && event.attempt === launch,
    );
  const last = launches.findLastIndex(isRecorded);
  let run = foldRun(recorded);
  const add = (at: number, ...events: readonly (RunEvent | undefined)[]) => {
    for (const event of events) {
      if (event === undefined) continue;
      const before = derived.at(-1) ?? recorded.at(-1);
      derived.push({ seq: (before?.seq ?? 0) + 1, at: Math.max(before?.at ?? 0, at), event });
      run = evolve(run, event);
    }
  };
  /** Not twice, whatever ends after it. */
  const takenOver = (stage: Stage) => (run.collected.includes(stage) ? undefined : collected.get(stage));

  for (const { stage, launch, at } of launches.slice(last + 1)) {
    const { state } = run;
    if (state.kind === 'running' || state.kind === 'stopping') {
      const { stage: ended } = state;
      let { over } = state;
      for (const life of livesOf(state, seen, at)) {
        if (life.attempt > run.attempt)
          add(life.from, {
            type: 'attempt-began',
            stage: ended,
            attempt: life.attempt,
            retry: !over?.requeued,
          });
        if (life.outcome.exitClass === 'succeeded') add(life.to, takenOver(ended));
        add(life.to, { type: 'attempt-ended', stage: ended, attempt: life.attempt, ...life.outcome });
        over = life.outcome;
      }
    }
    // A stage is launched when those before it are done, whatever else is known of them.
    for (const before of stages.slice(0, stages.indexOf(stage)))
      if (!run.done.includes(before)) add(at, takenOver(before), doneBefore(before, run.attempt || launch));
    if (isAtRest(run.state)) add(at, { type: 'resumed' });
    add(at, { type: 'stage-launched', stage, attempt: launch });
  }
  return derived;
}

const doneBefore = (stage: Stage, attempt: number): RunEvent => ({
  type: 'attempt-ended',
  stage,
  attempt,
  exitClass: 'succeeded',
  message: 'done',
});

/** In the order in which they were launched. */
function launchesOf({ stages, seen: { jobs, pods }, now }: SeenRun): readonly Launch[] {
  const withoutPods = jobs.filter(({ name }) => !pods.some(({ job }) => job === name));
  const signs = [
    ...withoutPods.map(({ name, stage, launch, since = now }) => ({ name, stage, launch, at: since })),
    ...pods.map(({ job: name, stage, launch, createdAt: at }) => ({ name, stage, launch, at })),
  ].toSorted((a, b) => a.at - b.at);
  const place = ({ stage }: Launch) => stages.indexOf(stage);
  return signs
    .filter(({ name }, index) => signs.findIndex((sign) => sign.name === name) === index)
    .toSorted((a, b) => a.launch - b.launch || place(a) - place(b));
}

interface Life {
  readonly attempt: number;
  readonly from: number;
  readonly to: number;
  readonly outcome: Outcome;
}

/** Those of the launch on its way whose ends are not recorded, before another one was launched. */
function livesOf(state: ActiveState, { jobs, pods }: Observation, until: number): readonly Life[] {
  const { stage, launch, attempt: newest, over } = state;
  const open = over === null ? [newest] : [];
  const job = jobs.find((each) => each.stage === stage && each.launch === launch);
  const first = open[0] ?? newest + 1;
  const own = pods.filter((pod) => pod.stage === stage && pod.launch === launch && pod.attempt >= first);
  const attempts = new Set([...open, ...own.map(({ attempt }) => attempt).toSorted((a, b) => a - b)]);
  return [...attempts].map((attempt) => {
    const of = own.filter((pod) => pod.attempt === attempt);
    const isUnseen = of.length === 0 || of.some(isAlive);
    return {
      attempt,
      from: Math.min(until, ...of.map(({ createdAt }) => createdAt)),
      to: isUnseen ? until : Math.max(...of.map(({ endedAt = until }) => endedAt)),
      outcome: isUnseen ? UNSEEN : attemptOutcome({ ...state, attempt }, of, job),
    };
  });
}

const UNSEEN: Outcome = { exitClass: 'interrupted', message: 'its end was seen by nobody who remembers it' };
