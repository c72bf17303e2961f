import type { JobFacts } from '../../orchestrator/run/job-facts.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import type { ActiveState } from '../../orchestrator/run/state.ts';
import type { View } from '../../orchestrator/run/view.ts';
import type { Stage } from '../../orchestrator/wire/job-spec.ts';
import type { ExitClass } from '../../orchestrator/wire/termination.ts';
import { EXIT_CODE_OF_CLASS } from '../../orchestrator/wire/termination.ts';

/** Of a run that nobody asks anything of and that has held nothing yet. */
export const CALM: Omit<View, 'stages' | 'seen'> = {
  trouble: null,
  cancel: false,
  interrupt: false,
  maxRetries: 2,
  held: 0,
  maxHeld: 1,
};

/** A stage on its way, its attempt still open. */
export const running = (stage: Stage, attempt = 1): ActiveState => ({
  kind: 'running',
  stage,
  launch: attempt,
  attempt,
  over: null,
});

/** A pod of train attempt 1 that runs, with the given facts changed. */
export function pod(facts: Partial<PodFacts> = {}): PodFacts {
  const stage = facts.stage ?? 'train';
  const attempt = facts.attempt ?? 1;
  const index = facts.index ?? 0;
  const name = `r1-${stage}-a${attempt}`;
  return {
    uid: `${name}-${index}-uid`,
    name: `${name}-${index}`,
    job: name,
    run: 'r1',
    stage,
    launch: attempt,
    attempt,
    index,
    node: 'node-0',
    deviceModel: 'H100',
    devices: 8,
    phase: 'running',
    createdAt: 1_000,
    boundAt: 1_000,
    ...facts,
  };
}

export function ended(exitClass: ExitClass, facts: Partial<PodFacts> = {}): PodFacts {
  return pod({
    phase: exitClass === 'succeeded' ? 'succeeded' : 'failed',
    endedAt: 2_000,
    exitCode: EXIT_CODE_OF_CLASS[exitClass],
    termination: { exitClass, message: `says ${exitClass}` },
    ...facts,
  });
}

/** The job of train attempt 1, a gang of two that is at work, with the given facts changed. */
export function job(facts: Partial<JobFacts> = {}): JobFacts {
  const launch = facts.launch ?? 1;
  const stage = facts.stage ?? 'train';
  return {
    name: `r1-${stage}-a${launch}`,
    run: 'r1',
    stage,
    launch,
    size: 2,
    state: 'active',
    since: 1_000,
    reason: '',
    message: '',
    pending: [],
    retained: true,
    ...facts,
  };
}
