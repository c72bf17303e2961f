import { KINDS } from '../errors/catalogue.ts';
import type { RunState } from '../run/state.ts';

/** Exit code of a command that waited for runs: that of the run which needs a person most. */
export function exitCodeOf(states: readonly RunState[]): number {
  return Math.max(0, ...states.map(codeOf));
}

function codeOf(state: RunState): number {
  if (state.kind === 'succeeded') return 0;
  if (state.kind !== 'failed') return KINDS.failed.exitCode;
  switch (state.failure) {
    case 'budget':
      return KINDS.refused.exitCode;
    case 'user':
    case 'configuration':
      return KINDS.invalid.exitCode;
    case 'infrastructure':
      return KINDS.failed.exitCode;
  }
}
