import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Launch, podMarker } from './launch.ts';
import { END, JOB_FAILED, LAUNCH, POD, START, STOP, SUPERVISOR_LOG, TEMPORARY } from './layout.ts';
import { neverRan } from './pod-end.ts';
import { type PodIdentity, type PodStart, readJob, recordEnd } from './pod-record.ts';
import { killMarked, type Marker, processesMarked, signalProcess } from './processes.ts';
import { pulses } from './pulses.ts';
import { readWritten, writeOnce } from './write-once.ts';

/** `stop.json`, read by the supervisor on SIGTERM. */
export interface StopWish {
  readonly graceSeconds?: number;
}

export const supervisorMarker = (uid: string): Marker => ['STINT_SUPERVISOR_OF', uid];

/** What the supervisor needs beyond the grace period to see the group dead and to write that down. */
const SUPERVISOR_SLACK_MS = 10_000;
const SAFETY_MS = 250;

/**
 * Ends a pod and returns when its end is recorded, which is when no process of it is alive. A living supervisor is
 * asked, and does it in its own way; where there is none, the pod either never starts or its strays are killed and it
 * counts as lost. Any number of processes may do this at once.
 */
export async function endPod(
  folder: string,
  { signal, graceSeconds }: { readonly signal: AbortSignal; readonly graceSeconds?: number },
): Promise<void> {
  const pod = await readWritten<PodIdentity>(join(folder, POD));
  const launch = await readWritten<Launch>(join(folder, LAUNCH));
  if (pod === undefined || launch === undefined) return;
  const patience = (graceSeconds ?? launch.graceSeconds) * 1_000 + SUPERVISOR_SLACK_MS;
  const asked = new Set<number>();
  const since = Date.now();
  for await (const _ of pulses(folder, SAFETY_MS, signal)) {
    if (await hasEnded(folder)) return;
    const supervisors = await processesMarked(supervisorMarker(pod.uid));
    if (supervisors.length === 0) {
      await endUnattended(folder, pod.uid, 'it was asked to end before', signal);
      return;
    }
    const fresh = supervisors.filter((pid) => !asked.has(pid));
    if (fresh.length > 0) await writeFile(join(folder, STOP), JSON.stringify({ graceSeconds }));
    for (const pid of fresh) {
      signalProcess(pid, 'SIGTERM');
      asked.add(pid);
    }
    if (Date.now() - since > patience) for (const pid of supervisors) signalProcess(pid, 'SIGKILL');
  }
  signal.throwIfAborted();
}

/** Ends a pod whose supervisor is gone; does nothing where one is alive. */
export async function endIfUnattended(folder: string, uid: string, signal?: AbortSignal): Promise<void> {
  const why = `its supervisor could not start (${join(folder, SUPERVISOR_LOG)})`;
  if ((await processesMarked(supervisorMarker(uid))).length === 0)
    await endUnattended(folder, uid, why, signal);
}

/** Nobody attends to the pod: see to it that it never starts, for which it says why, or that nothing of it is left. */
async function endUnattended(folder: string, uid: string, why: string, signal?: AbortSignal): Promise<void> {
  const pod = await readWritten<PodIdentity>(join(folder, POD));
  if (pod === undefined || (await hasEnded(folder))) return;
  await writeOnce(join(folder, START), { startedAt: null });
  if ((await readWritten<PodStart>(join(folder, START)))?.startedAt === null) {
    // Nothing of it ever held a device, however late that is seen.
    await recordEnd(folder, { ...neverRan(why), endedAt: pod.boundAt });
    return;
  }
  // The supervisor may have recorded the end between being looked for and now; then this changes nothing.
  await killMarked(podMarker(uid), signal);
  await rm(join(folder, TEMPORARY), { recursive: true, force: true });
  await recordEnd(folder, { phase: 'lost', endedAt: Date.now() });
}

/** A job fails with its first failed pod: its other pods are asked to end, and none may start any more. */
export async function failJob(failedPod: string): Promise<void> {
  const job = dirname(failedPod);
  await writeFile(join(job, JOB_FAILED), '');
  const others = (await readJob(job)).filter(
    ({ folder, facts }) => folder !== failedPod && facts.endedAt === undefined,
  );
  for (const { facts } of others)
    for (const pid of await processesMarked(supervisorMarker(facts.uid))) signalProcess(pid, 'SIGTERM');
}

const hasEnded = async (folder: string): Promise<boolean> =>
  (await readWritten(join(folder, END))) !== undefined;
