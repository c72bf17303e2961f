import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import type { ActiveState } from '../../orchestrator/run/state.ts';
import type { Stage } from '../../orchestrator/wire/job-spec.ts';
import type { ExitClass } from '../../orchestrator/wire/termination.ts';
import { EXIT_CODE_OF_CLASS } from '../../orchestrator/wire/termination.ts';

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
  const job = `r1-${stage}-a${attempt}`;
  return {
    uid: `${job}-${index}-uid`,
    name: `${job}-${index}`,
    job,
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
