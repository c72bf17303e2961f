import type { LengthSummary } from '../../plan/length-summary.ts';
import { formatInteger, formatPercent } from '../../units/format.ts';

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const WIDEST_BAR = 48;
const NARROWEST_BAR = 8;

/**
 * A histogram for a terminal, a line a bin: its bounds, a bar, how many. Where a sequence length is given, the first bin
 * that it cuts into says so.
 */
export function lengthBars(
  { bins }: LengthSummary,
  { width, sequenceLength }: { readonly width: number; readonly sequenceLength?: number | undefined },
): string {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const most = Math.max(...bins.map(({ count }) => count));
  const cut = sequenceLength === undefined ? -1 : bins.findIndex(({ to }) => to - 1 > sequenceLength);
  const edge = (index: number) =>
    index === cut ? `  ← sequence length ${formatInteger(sequenceLength ?? 0)}` : '';
  const cells = bins.map(({ from, to, count }) => ({
    from: formatInteger(from),
    to: formatInteger(to - 1),
    count: formatInteger(count),
    share: formatPercent(count / total),
  }));
  const widest = (of: (cell: (typeof cells)[number]) => string) =>
    Math.max(...cells.map((cell) => of(cell).length));
  const [fromWidth, toWidth, countWidth] = [
    widest(({ from }) => from),
    widest(({ to }) => to),
    widest(({ count }) => count),
  ];
  const used = 2 + fromWidth + 3 + toWidth + 2 + 2 + countWidth + 8;
  const room = Math.min(WIDEST_BAR, Math.max(NARROWEST_BAR, width - used));
  return cells
    .map(({ from, to, count, share }, index) => {
      const bar = barOf((bins[index]?.count ?? 0) / most, room);
      return `  ${from.padStart(fromWidth)} – ${to.padStart(toWidth)}  ${bar.padEnd(room)}  ${count.padStart(countWidth)}  ${share.padStart(6)}${edge(index)}`;
    })
    .join('\n');
}

/** To an eighth of a column; what is there at all is seen. */
function barOf(share: number, columns: number): string {
  if (share === 0) return '';
  const eighths = Math.max(1, Math.round(share * columns * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}
