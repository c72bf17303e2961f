import type { Output } from '../cli/output.ts';

/** What of this process everything that is composed works with. */
export interface HostProcess {
  readonly output: Output;
  /** The first Ctrl-C or SIGTERM. */
  readonly interrupt: AbortSignal;
  /** The second one. */
  readonly force: AbortSignal;
  /** From now on a signal asks for an end, and no longer ends the process by itself. */
  readonly handleSignals: () => void;
}
