import { counted, listed } from '../units/counted.ts';
import { formatDeviceTime, formatDuration } from '../units/format.ts';
import { type Check, ok, warning } from './check.ts';
import { type Inventory, type PodUse, type QuotaReservation, runOf } from './node-use.ts';

/** A run of this store, as far as it decides whether what it holds is a leak. */
export interface RunUse {
  readonly isAtRest: boolean;
  /** Held by now, and at most by the plan; GPU-milliseconds. */
  readonly held: number;
  readonly planned: number;
}

/** Between admission and the first pod, and between the last pod's end and the quota's return, moments pass. */
const PATIENCE_MILLISECONDS = 60_000;

/**
 * What costs device time or quota and works for nobody: quota without pods (Kueue's issue 14811: for hours), devices held after their run's end (KubeRay's issue 3553), and runs past their plan.
 *
 * @param runs - By id; those that another store launched are not known.
 * @param now - Milliseconds since the epoch.
 */
export function checkLeaks(
  { pods, reservations }: Pick<Inventory, 'pods' | 'reservations'>,
  runs: ReadonlyMap<string, RunUse>,
  now: number,
): readonly Check[] {
  const ours = pods.filter((pod): pod is PodUse & { run: string } => pod.run !== undefined);
  const holding = ours.filter(({ devices, node }) => devices > 0 && node !== '');
  const leaks = [
    ...reservations
      .filter(({ run, since }) => now - since > PATIENCE_MILLISECONDS && !ours.some((pod) => pod.run === run))
      .map((reservation) => quotaWithoutPods(reservation, runs.has(reservation.run), now)),
    ...byRun(holding.filter(({ run }) => runs.get(run)?.isAtRest)).map(heldAfterEnd),
    ...[...runs].filter(([, { isAtRest, held, planned }]) => !isAtRest && held > planned).map(pastPlan),
  ];
  const elsewhere = byRun(holding.filter(({ run }) => !runs.has(run))).map(runElsewhere);
  if (leaks.length > 0) return [...leaks, ...elsewhere];
  return [
    ok('leaks', 'all quota has its pods, and the runs that are known here are within their plans'),
    ...elsewhere,
  ];
}

type OurPod = PodUse & { readonly run: string };
const byRun = (pods: readonly OurPod[]) => [...Map.groupBy(pods, ({ run }) => run)];

const quotaWithoutPods = (
  { name, namespace, run, devices, since }: QuotaReservation,
  isKnown: boolean,
  now: number,
): Check =>
  warning(
    'leaks',
    `the queue has kept ${counted(devices, 'device')} for ${run} (workload ${name}) for ${formatDuration((now - since) / 1_000)}, and it has no pod`,
    isKnown
      ? `see why with \`stint runs show ${run}\`; if nobody works on it any more, give the quota back:\nkubectl patch workload ${name} -n ${namespace} --type merge -p '{"spec":{"active":false}}'`
      : `another store launched it: ask whoever that is; \`kubectl describe workload ${name} -n ${namespace}\` says what it waits for`,
  );

/** Only the store that launched a run knows whether it is well: for this one it is no leak. */
const runElsewhere = ([, pods]: readonly [string, readonly OurPod[]]): Check =>
  ok(
    'runs of others',
    `${heldDevices(pods)} for ${pods[0] === undefined ? '' : runOf(pods[0])}, which another store launched`,
  );

const heldAfterEnd = ([run, pods]: readonly [string, readonly OurPod[]]): Check =>
  warning(
    'leaks',
    `${heldDevices(pods)} for ${run}, which is at rest`,
    `settle it: stint runs resume ${run}; where that does not help: stint release ${run}`,
  );

const pastPlan = ([run, { held: time, planned }]: readonly [string, RunUse]): Check =>
  warning(
    'leaks',
    `${run} has held ${formatDeviceTime(time)}, more than the ${formatDeviceTime(planned)} that its plan allowed for at most`,
    `see what it does with \`stint runs show ${run}\`; end it, saving a checkpoint, with \`stint runs cancel ${run}\``,
  );

function heldDevices(pods: readonly OurPod[]): string {
  const devices = pods.reduce((sum, pod) => sum + pod.devices, 0);
  const nodes = listed([...new Set(pods.map(({ node }) => node))].toSorted());
  return `${counted(devices, 'device')} on ${nodes} ${devices === 1 ? 'is' : 'are'} held`;
}
