import { FAULT_KINDS, type FaultKind } from './faults.ts';
import type { Simulated } from './simulate.ts';

const TITLES = [
  'fault',
  'injected',
  'runs',
  'pods exact',
  'doubtful',
  'unseen',
  'most in doubt, s',
  'kills',
] as const;
const LEFT = 0;

/** What was done to runs, and how the ledger then stood to the truth; a run counts in the row of each of its faults. */
export function table(simulated: readonly Simulated[]): string {
  const kinds = FAULT_KINDS.filter((kind) => simulated.some(({ injected }) => injected.includes(kind)));
  const rows = kinds.map((kind) =>
    row(
      kind,
      simulated.filter(({ injected }) => injected.includes(kind)),
      [kind],
    ),
  );
  return aligned([[...TITLES], ...rows, row('all', simulated, FAULT_KINDS)]);
}

function row(name: string, runs: readonly Simulated[], kinds: readonly FaultKind[]): readonly string[] {
  const sum = (of: (run: Simulated) => number) => runs.reduce((total, run) => total + of(run), 0);
  const largest = Math.max(0, ...runs.map(({ largestDoubtfulDrift }) => largestDoubtfulDrift));
  const numbers = [
    sum(({ injected }) => injected.filter((kind) => kinds.includes(kind)).length),
    runs.length,
    sum(({ exactPods }) => exactPods),
    sum(({ doubtfulPods }) => doubtfulPods),
    sum(({ unseenPods }) => unseenPods),
  ].map(String);
  return [name, ...numbers, (largest / 1_000).toFixed(1), String(sum(({ kills }) => kills))];
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = TITLES.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const cell = (text: string, column: number) =>
    column === LEFT ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((cells) => cells.map(cell).join('  ')).join('\n');
}
