import type { Workplace } from '../controller/workplace.ts';
import type { Site } from '../operations/desk.ts';
import { localStint } from '../operations/local-stint.ts';
import { localStreams } from '../operations/local-streams.ts';
import type { ProgressHub } from '../operations/progress-hub.ts';
import { makeMetrics } from './metrics.ts';
import type { Served } from './served.ts';

export interface Over extends Pick<Served, 'version' | 'callerOf' | 'audit' | 'defect'> {
  readonly workplace: Workplace;
  readonly site: Site;
  readonly hub: ProgressHub;
  /** Runs that this process attends. */
  readonly attended: () => Promise<number>;
}

/** What a server answers for over a workplace. */
export function servedOver({ workplace, site, hub, attended, ...rest }: Over): Served {
  const { store, now } = workplace;
  return {
    ...rest,
    stintFor: (caller, once) => localStint(workplace, site, caller, once),
    streamsFor: (caller) => localStreams({ workplace, caller }, hub),
    uploads: site.uploads,
    answers: store.answers,
    now,
    requireReady: async () => void (await store.tokens.list()),
    metrics: makeMetrics({ runs: () => store.runs.counts(), attended }),
  };
}
