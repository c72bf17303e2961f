/**
 * One process per pod, in its own session: runs the pod's container and records how it ended. It holds a pipe to the
 * process that launched it; when that process dies, however it does, the pipe closes and the pod is ended as on
 * SIGTERM. Run as `node supervisor.ts <pod folder>`.
 */
import { existsSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type RunningContainer, startContainer } from './container.ts';
import type { Launch } from './launch.ts';
import { JOB_FAILED, LAUNCH, POD, START, STOP, TEMPORARY, TERMINATION_LOG } from './layout.ts';
import { endingOf, neverRan } from './pod-end.ts';
import { type PodEnd, type PodIdentity, recordEnd, ringBell } from './pod-record.ts';
import { failJob, type StopWish } from './stop-pod.ts';
import { readWritten, writeOnce } from './write-once.ts';

/** Kubernetes keeps no more of a termination message. */
const LONGEST_MESSAGE_BYTES = 4_096;
/** setTimeout takes no more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const folder = process.argv[2] ?? '';
const launch = await readWritten<Launch>(join(folder, LAUNCH));
const pod = await readWritten<PodIdentity>(join(folder, POD));
if (launch === undefined || pod === undefined) throw new Error(`"${folder}" holds no pod`);

let container: RunningContainer | undefined;
let stopAsked = false;
let pastDeadline = false;
let leftAlone = false;
let killAt = Number.POSITIVE_INFINITY;
let killTimer: NodeJS.Timeout | undefined;

/** SIGTERM to the first process; SIGKILL to all when the grace period is over. A later request may shorten it only. */
async function stop(defaultGraceSeconds: number): Promise<void> {
  if (!stopAsked) container?.terminate();
  stopAsked = true;
  const wish = await readWritten<StopWish>(join(folder, STOP)).catch(() => undefined);
  killAt = Math.min(killAt, Date.now() + (wish?.graceSeconds ?? defaultGraceSeconds) * 1_000);
  clearTimeout(killTimer);
  killTimer = later((killAt - Date.now()) / 1_000, () => container?.kill());
}

async function runPod(plan: Launch, boundAt: number): Promise<Omit<PodEnd, 'endedAt'>> {
  for (const path of plan.folders) await mkdir(path, { recursive: true });
  if (existsSync(join(dirname(folder), JOB_FAILED))) return neverRan('another pod of its job failed');
  if (stopAsked) return neverRan('it was asked to end before');
  container = startContainer(plan, folder);
  const { deadlineSeconds, graceSeconds } = plan;
  const deadline =
    deadlineSeconds === undefined
      ? undefined
      : later(deadlineSeconds - (Date.now() - boundAt) / 1_000, () => {
          pastDeadline = true;
          void stop(graceSeconds);
        });
  const exit = await container.ended;
  clearTimeout(deadline);
  clearTimeout(killTimer);
  container = undefined;
  return endingOf(exit, await terminationMessage(), plan, { pastDeadline, leftAlone });
}

async function terminationMessage(): Promise<string> {
  const file = await open(join(folder, TERMINATION_LOG)).catch(() => undefined);
  const bytes = Buffer.alloc(LONGEST_MESSAGE_BYTES);
  const { bytesRead } = (await file?.read(bytes, 0, bytes.length, 0)) ?? { bytesRead: 0 };
  await file?.close();
  return bytes.toString('utf8', 0, bytesRead);
}

const later = (seconds: number, act: () => void): NodeJS.Timeout =>
  setTimeout(act, Math.min(seconds * 1_000, LONGEST_TIMER_MS));

// The handlers stand before the claim, so that a claimed pod never misses a request to end. Unclaimed, SIGTERM may
// take this process away: nothing was started.
process.on('SIGTERM', () => void stop(launch.graceSeconds));
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
process.on('exit', () => container?.kill());
for (const event of ['end', 'error'])
  process.stdin.on(event, () => {
    leftAlone ||= !stopAsked;
    void stop(launch.graceSeconds);
  });
process.stdin.resume();

if (await writeOnce(join(folder, START), { startedAt: Date.now() })) {
  await ringBell(folder);
  const ending = await runPod(launch, pod.boundAt);
  await rm(join(folder, TEMPORARY), { recursive: true, force: true });
  const end: PodEnd = { ...ending, endedAt: Date.now() };
  if (end.phase === 'failed') await failJob(folder);
  await recordEnd(folder, end);
}
process.exit(0);
