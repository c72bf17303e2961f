import { USES, type Use } from '../ledger/use.ts';
import { PHASES, type Phase } from '../wire/phase.ts';

export type PhaseColumn = `phase_${Phase}`;
export type UseColumn = `use_${Use}`;
/** GPU-milliseconds of a pod's day, by phase and by what they were good for. */
export type UsageColumns = Record<PhaseColumn | UseColumn, number>;

export const phaseColumn = (phase: Phase): PhaseColumn => `phase_${phase}`;
export const useColumn = (use: Use): UseColumn => `use_${use}`;
export const USAGE_COLUMNS: readonly (PhaseColumn | UseColumn)[] = [
  ...PHASES.map(phaseColumn),
  ...USES.map(useColumn),
];

/** What a row of sums says by phase; phases without time are left out. */
export function phasesOf(row: UsageColumns): Readonly<Partial<Record<Phase, number>>> {
  return present(PHASES.map((phase) => [phase, row[phaseColumn(phase)]]));
}

export function usesOf(row: UsageColumns): Readonly<Partial<Record<Use, number>>> {
  return present(USES.map((use) => [use, row[useColumn(use)]]));
}

function present<K extends string>(times: readonly (readonly [K, number])[]): Partial<Record<K, number>> {
  return Object.fromEntries(times.filter(([, time]) => time > 0)) as Partial<Record<K, number>>;
}
