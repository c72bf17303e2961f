import { isSettled } from '../run/is-settled.ts';
import type { RunRecord } from '../run/run-record.ts';
import { elsewhere } from './elsewhere.ts';
import { isAttended } from './is-attended.ts';
import type { LeftHere } from './left-here.ts';
import { type Look, type Looker, lookAtRun } from './look-at-run.ts';
import { type Sight, sightOfLeases } from './sight.ts';

/** Of the runs that nobody works on, what their clusters say just now; of the others, that somebody watches them. */
export interface UnattendedSight extends Sight {
  /** Those of whose pods more is seen than recorded. */
  readonly looked: readonly RunRecord[];
  /** Those of this machine whose processes are gone, and their pods with them: what has become of each. */
  readonly left: ReadonlyMap<string, LeftHere>;
  /** Those that could not be seen: they are known to have held what they held at their last sign of life. */
  readonly unseen: readonly { readonly run: string; readonly why: string }[];
}

/**
 * Looks at what nobody works on: a run on Kubernetes goes on without stint, or has ended since somebody last recorded
 * anything of it.
 *
 * @param only - Ids; without them, all.
 * @param taken - Looks that were taken already.
 */
export async function lookAtUnattended(
  workplace: Looker,
  only?: readonly string[],
  taken: readonly TakenLook[] = [],
): Promise<UnattendedSight> {
  const leases = await sightOfLeases(workplace);
  const open = await workplace.store.runs.list({ open: true });
  const looks = await Promise.all(
    open
      .filter(({ id }) => (only?.includes(id) ?? true) && !taken.some(({ record }) => record.id === id))
      .map(async (record) => ({
        record,
        look: (await isLeft(workplace, record)) ? await lookAtRun(workplace, record) : null,
      })),
  );
  const fresh = looks.flatMap(({ record, look }) => (look === null ? [] : [{ record, look }]));
  return withLooks(leases, [...taken, ...fresh]);
}

export interface TakenLook {
  readonly record: RunRecord;
  readonly look: Look;
}

function withLooks(leases: Sight, looks: readonly TakenLook[]): UnattendedSight {
  const seen = looks.filter(({ look }) => look.seen !== null);
  const lookedAt = new Set(seen.map(({ record }) => record.id));
  // One after another they took a moment each, and what was just seen to live is in no doubt for that.
  const now = Math.max(leases.now, ...seen.map(({ look }) => look.at));
  const watchedUntil = (run: string) =>
    lookedAt.has(run) || leases.watchedUntil(run) > Number.NEGATIVE_INFINITY ? now : Number.NEGATIVE_INFINITY;
  return {
    now,
    watchedUntil,
    facts: seen.flatMap(({ look }) => look.facts),
    looked: seen.map(({ record }) => record),
    left: new Map(looks.flatMap(({ record, look: { left } }) => (left ? [[record.id, left] as const] : []))),
    unseen: looks.flatMap(({ record, look: { why } }) =>
      why === undefined ? [] : [{ run: record.id, why }],
    ),
  };
}

/** Of a run on another machine nothing can be seen here. */
async function isLeft(workplace: Looker, record: RunRecord): Promise<boolean> {
  if (elsewhere(workplace, record) !== null) return false;
  const outlives = record.profile.backend?.kind === 'kubernetes';
  if (isSettled((await workplace.store.runs.state(record.id)).run, outlives)) return false;
  return !(await isAttended(workplace, record));
}
