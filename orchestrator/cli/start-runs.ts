import { LEASE_EXPIRES_MILLISECONDS } from '../controller/hold-lease.ts';
import type { Workplace } from '../controller/workplace.ts';
import { StintError } from '../errors/stint-error.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { CliContext } from './context.ts';

const LOOK_MILLISECONDS = 100;
/** A process that starts needs seconds on a machine that has much else to do. */
const PATIENCE_MILLISECONDS = 60_000;

/**
 * Has another process work on the runs, and waits until it has them: what keeps it from that is said here, where somebody
 * reads it. Gives the file to which it writes.
 *
 * @throws StintError `not-started`.
 */
export async function startRuns(
  { startInBackground, interrupt }: Pick<CliContext, 'startInBackground' | 'interrupt'>,
  { store, sleep, now }: Pick<Workplace, 'store' | 'sleep' | 'now'>,
  ids: readonly string[],
): Promise<string> {
  const counts = () => Promise.all(ids.map(async (id) => (await store.runs.state(id)).seq));
  const before = await counts();
  const child = await startInBackground(['runs', 'resume', ...ids, '--wait']);
  const hasBegun = async () => {
    const leases = await Promise.all(ids.map((id) => store.leases.find(id)));
    // It may have ended what there was to do before anybody looked.
    return (
      leases.some((lease) => lease?.pid === child.pid) ||
      (await counts()).some((count, index) => count > (before[index] ?? 0))
    );
  };
  for (const giveUpAt = now() + PATIENCE_MILLISECONDS; now() < giveUpAt && !interrupt.aborted; ) {
    const code = child.exitCode();
    if (await hasBegun()) break;
    if (code === 0) break;
    if (code !== null) throw notStarted(ids, child.log, child.said());
    await sleep(LOOK_MILLISECONDS, interrupt);
  }
  return child.log;
}

const notStarted = (ids: readonly string[], log: string, said: string): StintError =>
  new StintError({
    code: 'not-started',
    where: log,
    what: 'the process that was to work on the runs ended before it took them over',
    why: said.trim() || 'it said nothing',
    todo: `fix what it says, then: stint runs resume ${ids.join(' ')}`,
  });

/** @throws StintError `run-is-held` where a process works on one of them: another would be refused in the background. */
export async function requireFree(
  { store, isAlive, now, owner }: Pick<Workplace, 'store' | 'isAlive' | 'now' | 'owner'>,
  records: readonly Pick<RunRecord, 'id'>[],
): Promise<void> {
  const leases = await Promise.all(records.map(({ id }) => store.leases.find(id)));
  const held = leases
    .filter((lease) => lease !== null)
    .filter((lease) => lease.owner !== owner && isAlive(lease))
    .filter(({ heartbeatAt }) => now() - heartbeatAt < LEASE_EXPIRES_MILLISECONDS);
  if (held.length === 0) return;
  throw new StintError(
    held.map(({ run, pid }) => ({
      code: 'run-is-held',
      where: run,
      what: `another stint process (pid ${pid}) works on ${run} already`,
      todo: `follow it with \`stint runs logs -f ${run}\`, or end it with \`stint runs cancel ${run}\``,
    })),
  );
}
