import type { Equivalent } from './score.ts';

const source = (name: string) => `orchestrator/run/${name}`;

/** Mutants of the life of a run that no test can notice, by the line that they make. */
export const RUN_EQUIVALENTS: readonly Equivalent[] = [
  {
    file: source('after-end.ts'),
    becomes:
      'const ended = endedByOthers(run.state, { stage, exitClass }, job, view.seen?.pods ?? ["Stryker was here"]);',
    why: 'where nothing is seen no pod is, and a text is no pod of any attempt either',
  },
  {
    file: source('after-end.ts'),
    becomes:
      'const saved = savedText(spent, view.seen?.pods ?? ["Stryker was here"], { stage, attempt, message });',
    why: 'where nothing is seen no pod is, and a text is no pod of any attempt either',
  },
  {
    file: source('after-end.ts'),
    becomes: 'true && EXIT_CODES_NOT_RETRIED.includes(exitCode);',
    why: 'no list of codes has the code of a pod that left none',
  },
  {
    file: source('after-end.ts'),
    becomes: 'const asked = true ? state : undefined;',
    why: 'only what was asked to end says why, and for which budget',
  },
  {
    file: source('attempt-outcome.ts'),
    becomes: 'pods.some(({ endedAt }) => true && endedAt >= since);',
    why: 'a pod without an end has not ended since any time either',
  },
  {
    file: source('attempt-outcome.ts'),
    becomes: 'if (true && pods.some(({ createdAt }) => createdAt >= until)) return undefined;',
    why: 'no time is later than none',
  },
  {
    file: source('decide.ts'),
    becomes: "if (job === undefined && !(true && state.why === 'trouble'))",
    why: 'only what was asked to end says why',
  },
  {
    file: source('events-seen.ts'),
    becomes: 'if (true) {',
    why: 'of a run that is not under way no launch is known, so no pod is of it',
  },
  {
    file: source('events-seen.ts'),
    becomes: 'retry: !over.requeued,',
    why: 'an attempt begins under the same job only when the one before it is over',
  },
  {
    file: source('evolve.ts'),
    becomes: "case 'stopped':",
    why: 'what is done with a failure gives the same state of a message alone',
  },
  {
    file: source('number-attempts.ts'),
    becomes:
      'const vanished = [...known].flatMap(([uid, pod]) => (present.has(uid) ? ["Stryker was here"] : [pod]));',
    why: 'a text is of no stage, so it is left out by the next line',
  },
  {
    file: source('number-attempts.ts'),
    becomes: 'peers.every(({ endedAt }) => true && endedAt < pod.createdAt) &&',
    why: 'a pod without an end has not ended before any time either',
  },
  {
    file: source('proceed.ts'),
    becomes: "if (view.cancel || (true && was.why === 'cancel'))",
    why: 'only what was asked to end says why',
  },
  {
    file: source('release.ts'),
    becomes: 'const current = true ? state : undefined;',
    why: 'only what is under way has a launch',
  },
  {
    file: source('released-events.ts'),
    becomes: 'if ((true) && state.over === null) {',
    why: 'only what is under way says whether its attempt is over',
  },
];
