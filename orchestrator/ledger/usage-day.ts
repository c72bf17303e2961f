import { checkConservation } from './conservation.ts';
import type { HeldTime, PodStatement } from './statement.ts';
import type { UsedTime } from './use.ts';

const DAY_MILLISECONDS = 86_400_000;

/**
 * What one pod held on one day of UTC: bills, prices and budgets change from one day to the next, never within one.
 * GPU-milliseconds add up over a pod's days to those of its statement, in every part.
 */
export interface UsageDay
  extends Pick<
    PodStatement,
    | 'run'
    | 'stage'
    | 'attempt'
    | 'pod'
    | 'node'
    | 'deviceModel'
    | 'devices'
    | 'capacity'
    | 'region'
    | 'end'
    | 'gpuMilliseconds'
    | 'doubtfulMilliseconds'
  > {
  /** Days since 1970-01-01. */
  readonly day: number;
  /** The part of the pod's life that lies on that day; milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly phases: HeldTime;
  readonly uses: UsedTime;
}

/** A pod's days, in order, those of its doubt included. One that held for no time has one day with nothing in it. */
export function usageDays(pod: PodStatement): readonly UsageDay[] {
  const first = dayOf(pod.from);
  const last = Math.max(first, dayOf(pod.doubtUntil - 1));
  const days = Array.from({ length: last - first + 1 }, (_, index) => usageOn(pod, first + index));
  checkConservation(
    days.map(({ gpuMilliseconds }) => gpuMilliseconds),
    pod.gpuMilliseconds,
    `pod ${pod.pod} by day`,
  );
  checkConservation(
    days.map(({ doubtfulMilliseconds }) => doubtfulMilliseconds),
    pod.doubtfulMilliseconds,
    `the doubt about pod ${pod.pod} by day`,
  );
  return days;
}

function usageOn(pod: PodStatement, day: number): UsageDay {
  const { run, stage, attempt, node, deviceModel, devices, capacity, region, end, spans } = pod;
  const within = (at: number) => Math.min(Math.max(at, day * DAY_MILLISECONDS), (day + 1) * DAY_MILLISECONDS);
  const [from, to] = [within(pod.from), within(pod.to)];
  const phases: Record<string, number> = {};
  const uses: Record<string, number> = {};
  for (const span of spans) {
    const time = (within(span.to) - within(span.from)) * span.devices;
    if (time === 0) continue;
    phases[span.phase] = (phases[span.phase] ?? 0) + time;
    uses[span.use] = (uses[span.use] ?? 0) + time;
  }
  const gpuMilliseconds = (to - from) * devices;
  checkConservation(Object.values(phases), gpuMilliseconds, `pod ${pod.pod} on day ${day}`);
  const doubtfulMilliseconds = (within(pod.doubtUntil) - to) * devices;
  const place = { run, stage, attempt, pod: pod.pod, node, deviceModel, devices, capacity, region, end };
  return { ...place, day, from, to, gpuMilliseconds, doubtfulMilliseconds, phases, uses };
}

export const dayOf = (at: number): number => Math.floor(at / DAY_MILLISECONDS);

/** `2026-11-27`. */
export const dayText = (day: number): string => new Date(day * DAY_MILLISECONDS).toISOString().slice(0, 10);
