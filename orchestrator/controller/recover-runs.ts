import type { LedgerFact } from '../ledger/fact.ts';
import { boundAndEndedFacts } from '../ledger/phase-facts.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { Observation } from '../run/job-facts.ts';
import { numberAttempts } from '../run/number-attempts.ts';
import { type LostRun, lostRun } from './lost-run.ts';
import { readRunSoon } from './read-run.ts';
import type { Workplace } from './workplace.ts';

/** What was found out of a run, or of a folder where runs have theirs. */
export type FoundRun = {
  readonly run: string;
  /** Files that should tell of it and cannot be read, or were changed since. */
  readonly unreadable: readonly string[];
} & (
  | { readonly kind: 'lost'; readonly lost: LostRun }
  /** Only pods are left: nobody knows what it was asked to be. */
  | { readonly kind: 'without-record'; readonly facts: readonly LedgerFact[] }
  /** The store has it: it stays as it is. */
  | { readonly kind: 'known' }
  /** Its folder tells of no run, and the cluster knows of none. */
  | { readonly kind: 'no-run' }
  /** Its folder lies here, and its pods in the place of another profile. */
  | { readonly kind: 'elsewhere'; readonly cluster: string }
  /** Its cluster did not answer: nothing is recorded of it. */
  | { readonly kind: 'unseen'; readonly why: string }
);

const NOTHING_SEEN: Observation = { jobs: [], pods: [] };

/**
 * What folders and cluster tell of each run that either has, in order of their ids, one at a time: a store may have lost very many.
 * Changes nothing in the store.
 *
 * @throws StintError, or the cluster's own error, when it cannot be asked which runs it has.
 */
export async function* findLostRuns(workplace: Workplace, profile: ClusterProfile): AsyncGenerator<FoundRun> {
  const cluster = await workplace.clusterFor(profile);
  const there = new Set(await cluster.runs({ signal: new AbortController().signal }));
  const ids = new Set([...(await workplace.manifests.list(profile)), ...there]);
  for (const run of [...ids].toSorted())
    yield await findRun({ workplace, profile, run, isThere: there.has(run) });
}

interface Sought {
  readonly workplace: Workplace;
  readonly profile: ClusterProfile;
  readonly run: string;
  /** The cluster has something of it. */
  readonly isThere: boolean;
}

async function findRun(sought: Sought): Promise<FoundRun> {
  const { workplace, profile, run, isThere } = sought;
  if ((await workplace.store.runs.find(run)) !== null) return { run, unreadable: [], kind: 'known' };
  const { record, history, unreadable } = await workplace.manifests.read({ id: run, profile });
  const found = { run, unreadable };
  if (record !== null && !isSamePlace(record.profile, profile))
    return { ...found, kind: 'elsewhere', cluster: record.profile.name };
  if (record === null && !isThere) return { ...found, kind: 'no-run' };
  try {
    const cluster = await workplace.clusterFor(record?.profile ?? profile);
    const seen = isThere ? await readRunSoon(workplace, cluster, run) : NOTHING_SEEN;
    if (record === null) return { ...found, kind: 'without-record', facts: factsOf(seen) };
    // Its folder lies here, whatever this machine was called.
    const host = record.profile.backend.kind === 'local' ? workplace.host : null;
    return { ...found, kind: 'lost', lost: await lostRun(workplace, { ...record, host }, history, seen) };
  } catch (error) {
    return { ...found, kind: 'unseen', why: String(error) };
  }
}

const factsOf = ({ pods }: Observation): readonly LedgerFact[] =>
  numberAttempts(pods, new Map()).flatMap((pod) => boundAndEndedFacts(pod, {}));

/** Whether runs of the two have their pods among each other. A context is a name of one machine's. */
function isSamePlace({ backend: a }: ClusterProfile, { backend: b }: ClusterProfile): boolean {
  if (a.kind === 'local' || b.kind === 'local') return a.kind === b.kind;
  return a.namespace === b.namespace;
}

/** Records what was found: a run whole or not at all. False where there was nothing to record. */
export async function recordFinding({ store }: Pick<Workplace, 'store'>, found: FoundRun): Promise<boolean> {
  if (found.kind === 'lost') {
    const { record, history, reserve } = found.lost;
    return store.histories.restore(record, history, reserve);
  }
  if (found.kind !== 'without-record') return false;
  await store.ledger.record(found.facts);
  return true;
}
