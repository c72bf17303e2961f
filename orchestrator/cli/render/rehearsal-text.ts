import type { JudgedRehearsal, JudgedRow } from '../../plan/judge-rehearsal.ts';
import type { ClusterProfile } from '../../profile/cluster-profile.ts';
import { formatBytes, formatDuration, formatInteger } from '../../units/format.ts';
import { type Column, renderTable } from './table.ts';

/** A rehearsal for a person: each step's figures beside the plan's, where its memory goes, and what was found. */
export function rehearsalText(
  judged: JudgedRehearsal & { readonly recipe: string },
  profile: ClusterProfile,
): string {
  const { rows, capacityBytes, seconds, code } = judged;
  const where = `${profile.name}: ${profile.nodes} × ${profile.devicesPerNode} ${profile.device.model}`;
  return [
    `${judged.recipe} on ${where}; the first rank's step on tensors without content, ${formatDuration(seconds)}`,
    '',
    renderTable(rows, COLUMNS),
    '',
    ...rows.map((row) => `${row.name}: at the peak (${row.phase}) ${parts(row.kinds)}`),
    ...rows.map((row) => `${row.name}: collectives ${parts(row.collectives)}`),
    '',
    ...rows.flatMap(({ name, findings }) => findings.map((finding) => `NO    ${name}: ${finding}`)),
    ...rows.flatMap(({ name, waits }) =>
      waits.map(({ where: line }) => `wait  ${name}: the host waits for the device at ${line}`),
    ),
    '',
    verdict(judged, capacityBytes),
    `Rehearsed with the trainer's code ${code}.`,
  ].join('\n');
}

const COLUMNS: readonly Column<JudgedRow>[] = [
  { header: 'step', cell: ({ name }) => name },
  { header: 'tokens a rank', cell: ({ tokensPerRank }) => formatInteger(tokensPerRank), align: 'right' },
  { header: 'recompute', cell: ({ mode }) => mode },
  { header: 'peak', cell: ({ peakBytes }) => formatBytes(peakBytes), align: 'right' },
  { header: 'planned', cell: ({ plannedPeakBytes }) => formatBytes(plannedPeakBytes), align: 'right' },
  { header: 'on the device', cell: ({ devicePeakBytes }) => formatBytes(devicePeakBytes), align: 'right' },
  { header: 'TFLOP', cell: ({ flops }) => teraflops(flops), align: 'right' },
  { header: 'planned', cell: ({ plannedFlops }) => teraflops(plannedFlops), align: 'right' },
  { header: 'collectives', cell: ({ collectiveBytes }) => formatBytes(collectiveBytes), align: 'right' },
  {
    header: 'planned',
    cell: ({ plannedCollectiveBytes }) => formatBytes(plannedCollectiveBytes),
    align: 'right',
  },
];

const teraflops = (flops: number): string => (flops / 1e12).toFixed(3);

/** Largest first; what takes less than a thousandth is left out. */
function parts(bytes: Readonly<Record<string, number>>): string {
  const entries = Object.entries(bytes).toSorted(([, a], [, b]) => b - a);
  const total = entries.reduce((sum, [, each]) => sum + each, 0);
  const shown = entries.filter(([, each]) => each >= total / 1000);
  return shown.length === 0
    ? 'nothing'
    : shown.map(([name, each]) => `${name} ${formatBytes(each)}`).join(', ');
}

function verdict({ rows, fits, asPlanned }: JudgedRehearsal, capacityBytes: number): string {
  const most = Math.max(...rows.map(({ devicePeakBytes }) => devicePeakBytes));
  const memory = `${formatBytes(most)} of a device's ${formatBytes(capacityBytes)}, with runtime and allocator`;
  if (!fits) return `It does not fit: ${memory}.`;
  return asPlanned
    ? `It fits, ${memory}, and every figure is as planned.`
    : `It fits, ${memory}, but is not as planned: the plan's formulas or the trainer changed.`;
}
