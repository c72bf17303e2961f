import { EXIT_CODE } from '../errors/stint-error.ts';
import type { RunState } from '../run/state.ts';

/** Exit code of a command that waited for runs: that of the run which needs a person most. */
export function exitCodeOf(states: readonly RunState[]): number {
  return Math.max(0, ...states.map(codeOf));
}

function codeOf(state: RunState): number {
  if (state.kind === 'succeeded') return 0;
  if (state.kind !== 'failed') return EXIT_CODE.run;
  switch (state.failure) {
    case 'budget':
      return EXIT_CODE.refused;
    case 'user':
    case 'configuration':
      return EXIT_CODE.input;
    case 'infrastructure':
      return EXIT_CODE.run;
  }
}
