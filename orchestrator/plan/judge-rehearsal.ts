import type { Rehearsal, RehearsedRow } from '../wire/rehearsal.ts';
import type { CollectiveBytes } from './rank-work.ts';
import { PLANNED_MEMORY_SHARE } from './recompute.ts';
import type { PlannedRow } from './rehearsal.ts';

/** By how much a figure may differ from the plan's, as a share of it. */
const BOUNDS = {
  /** Kernels keep small tensors of their own. */
  memory: 0.03,
  flops: 1e-6,
  /** Where rows do not divide evenly by the ranks, FSDP fills them up. */
  collectives: 0.005,
} as const;

/** Of a model so small that 3% are less, nothing but the process counts. */
const SMALL_BYTES = 1e6;

/** The one wait that a step needs: all ranks agree on loss, norm and whether to stop. */
const KNOWN_WAIT = /^trainer\/sft\/step\.py:\d+ _exchange$/;

/** A row as it ran beside what the plan says of it. Field names are fixed: programs read them. */
export interface JudgedRow extends RehearsedRow {
  readonly name: PlannedRow['name'];
  readonly plannedPeakBytes: number;
  /** What the run itself is expected to take of a device: its tensors as found here, in its own form, and the runtime. */
  readonly devicePeakBytes: number;
  readonly plannedFlops: number;
  readonly collectiveBytes: number;
  readonly plannedCollectiveBytes: number;
  readonly plannedCollectives: Readonly<Record<string, number>>;
  /** What is not as planned, in sentences. */
  readonly findings: readonly string[];
}

export interface JudgedRehearsal {
  readonly rows: readonly JudgedRow[];
  readonly seconds: number;
  readonly code: string;
  readonly capacityBytes: number;
  readonly fits: boolean;
  readonly asPlanned: boolean;
}

export function judgeRehearsal(
  planned: readonly PlannedRow[],
  { rows, seconds, code }: Rehearsal,
  capacityBytes: number,
): JudgedRehearsal {
  const judged = rows.flatMap((row, index) => {
    const plan = planned[index];
    return plan === undefined ? [] : [judgedRow(plan, row)];
  });
  return {
    rows: judged,
    seconds,
    code,
    capacityBytes,
    fits: judged.every(({ devicePeakBytes }) => devicePeakBytes <= PLANNED_MEMORY_SHARE * capacityBytes),
    asPlanned: judged.every(({ findings }) => findings.length === 0),
  };
}

function judgedRow(plan: PlannedRow, row: RehearsedRow): JudgedRow {
  const plannedCollectives = byOperation(plan.collectives);
  const operations = [...new Set([...Object.keys(row.collectives), ...Object.keys(plannedCollectives)])];
  const findings = [
    ...off('peak memory', row.peakBytes, plan.peakBytes, BOUNDS.memory, SMALL_BYTES),
    ...off('FLOPs', row.flops, plan.flops, BOUNDS.flops),
    ...operations.flatMap((name) =>
      off(`bytes of ${name}`, row.collectives[name] ?? 0, plannedCollectives[name] ?? 0, BOUNDS.collectives),
    ),
    ...row.waits
      .filter(({ where }) => !KNOWN_WAIT.test(where))
      .map(({ where, phase }) => `${where} waits for the device in the ${phase}`),
  ];
  return {
    ...row,
    name: plan.name,
    plannedPeakBytes: plan.peakBytes,
    devicePeakBytes: plan.runPeakBytes + row.peakBytes - plan.peakBytes,
    plannedFlops: plan.flops,
    collectiveBytes: sum(row.collectives),
    plannedCollectiveBytes: sum(plannedCollectives),
    plannedCollectives,
    findings,
  };
}

function off(what: string, found: number, planned: number, bound: number, small = 0): string[] {
  if (Math.abs(found - planned) <= Math.max(small, bound * planned)) return [];
  const percent = planned === 0 ? '' : ` (${(100 * (found / planned - 1)).toFixed(2)}%)`;
  return [`${what}: ${found} rehearsed, ${Math.round(planned)} planned${percent}, beyond ${100 * bound}%`];
}

/** By the names that the trainer counts them under; what is not sent has none. */
function byOperation(bytes: CollectiveBytes): Record<string, number> {
  const all = {
    'all-gather': bytes.allGather,
    'reduce-scatter': bytes.reduceScatter,
    'all-reduce': bytes.allReduce,
    'all-to-all': bytes.allToAll,
  };
  return Object.fromEntries(Object.entries(all).filter(([, sent]) => sent > 0));
}

const sum = (bytes: Readonly<Record<string, number>>): number =>
  Object.values(bytes).reduce((total, each) => total + each, 0);
