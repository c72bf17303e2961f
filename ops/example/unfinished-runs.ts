/** A row of `stint runs ls --json`, as far as it matters here. */
export interface ListedRun {
  readonly id: string;
  readonly recipe: string;
  readonly ablation: string | null;
  readonly state: string;
}

/** At rest, and not because somebody wanted their end. */
const CAN_GO_ON = new Set(['queued', 'running', 'interrupted', 'failed']);

/**
 * The runs with which the newest example goes on, in the order in which they were begun; none where it has reached its end
 * or there is no example yet. `runs` stand newest first.
 */
export function unfinishedRuns(runs: readonly ListedRun[], recipe: string): readonly string[] {
  const own = runs.filter((run) => run.recipe === recipe && run.ablation !== null);
  return own
    .filter(({ ablation, state }) => ablation === own[0]?.ablation && CAN_GO_ON.has(state))
    .map(({ id }) => id)
    .toReversed();
}
