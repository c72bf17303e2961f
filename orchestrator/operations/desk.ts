import type { Caller } from '../contract/caller.ts';
import type { Surveyor } from '../controller/surveyor.ts';
import type { Workplace } from '../controller/workplace.ts';
import type { Uploads } from '../documents/uploads.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';

/** What new runs need of the machine that records them, and what it can look at. */
export interface Site extends Surveyor {
  /** Its price book and cluster profiles are here. */
  readonly home: string;
  readonly uploads: Uploads;
  /** @throws StintError when nothing can be launched on that cluster from here, and why. */
  readonly requireReady: (profile: ClusterProfile) => Promise<void>;
  /** Aborted when this process is asked to end. */
  readonly interrupt: AbortSignal;
}

/** Where an operation works, and for whom. */
export interface Desk {
  readonly workplace: Workplace;
  readonly caller: Caller;
}

/** The same where runs are made. */
export interface LaunchDesk extends Desk {
  readonly site: Site;
  /** Absent where it is asked but once. */
  readonly once?: Once;
}

/** A question that may come again, because its answer was lost on the way: when it came first, and what tells it from all others. */
export interface Once {
  readonly at: number;
  readonly seed: number;
}
