import type { Stint } from '../contract/routes.ts';
import type { FollowRun, ReadLogs } from '../contract/streams.ts';
import type { DataReader } from '../controller/data-reader.ts';
import type { Rehearser } from '../controller/rehearser.ts';
import type { Surveyor } from '../controller/surveyor.ts';
import type { Workplace } from '../controller/workplace.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { Output } from './output.ts';

/** A stint that goes on after this one. */
export interface Background {
  readonly pid: number | undefined;
  /** The file to which it writes. */
  readonly log: string;
  /** Null while it goes on. */
  readonly exitCode: () => number | null;
  readonly said: () => string;
}

/**
 * Without a word, what is there is opened to look: nothing is changed. `found`: only where a store is there; `act`: abandoned runs of
 * this machine are brought to rest first; `make`: the same, and home and store are made; `serve`: made, and left as it is, because
 * whoever opens it attends what is in it.
 */
export type Opening = 'found' | 'act' | 'make' | 'serve';

/** What only a server's client asks for. */
export interface ServerAccess {
  readonly stint: Stint;
  readonly followRun: FollowRun;
  /** Has the server keep a file's bytes under their digest. */
  readonly sendFile: (file: { readonly path: string; readonly sha256: string }) => Promise<void>;
}

/** What commands work with; `composition/open-context.ts` makes it. */
export interface CliContext extends Surveyor {
  readonly output: Output;
  /** Folder of runs, ledger and checkpoints. */
  readonly home: string;
  /** Where what is recorded is kept, for people to read: the home, a shared store's address without its password, or a server's. */
  readonly store: string;
  /**
   * Opens it. Closed when the command ends.
   *
   * @throws StintError `no-home` when its folder is not there; `not-over-a-server` where a server was named.
   */
  readonly openWorkplace: (how?: Opening) => Promise<Workplace>;
  /** Stint at the server that was named, or over the workplace here; as `openWorkplace`. */
  readonly openStint: (how?: Opening) => Promise<Stint>;
  /** The lines of runs' pods, from wherever `openStint` has them. */
  readonly openLogs: () => Promise<ReadLogs>;
  /** What a server that was named does for its clients alone. */
  readonly openServer: () => Promise<ServerAccess>;
  /** The server that answers for this process; null where none was named. */
  readonly server: string | null;
  /** Of Stint. */
  readonly version: string;
  /** @throws StintError when nothing can be launched on that cluster from here, and why. */
  readonly requireReady: (profile: ClusterProfile) => Promise<void>;
  /** Reads data as the prepare stage will. */
  readonly dataReader: DataReader;
  /** Runs steps of a plan without a device. */
  readonly rehearser: Rehearser;
  /** Starts another stint that goes on after this one. */
  readonly startInBackground: (args: readonly string[]) => Promise<Background>;
  /** The first Ctrl-C or SIGTERM. */
  readonly interrupt: AbortSignal;
  /** The second one. */
  readonly force: AbortSignal;
}
