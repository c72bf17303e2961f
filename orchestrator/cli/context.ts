import type { Workplace } from '../controller/workplace.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { Output } from './output.ts';

/** What commands work with; `main.ts` makes it. */
export interface CliContext {
  readonly output: Output;
  /** Folder of runs, ledger and checkpoints. */
  readonly home: string;
  /**
   * Opens it and brings abandoned runs to rest. Closed when the command ends.
   *
   * @throws StintError `no-home` when it is not there; `make` makes it.
   */
  readonly openWorkplace: (make?: 'make') => Promise<Workplace>;
  /** @throws StintError when nothing can be launched on that cluster from here, and why. */
  readonly requireReady: (profile: ClusterProfile) => Promise<void>;
  /** Starts another stint that goes on after this one; what it says goes to the file whose path is given back. */
  readonly startInBackground: (args: readonly string[]) => Promise<string>;
  /** The first Ctrl-C or SIGTERM. */
  readonly interrupt: AbortSignal;
  /** The second one. */
  readonly force: AbortSignal;
}
