import { type CostDimension, type CostRow, sumRows } from '../../ledger/cost-rows.ts';
import { goodput } from '../../ledger/held-time.ts';
import { type RoundedRow, roundRows } from '../../ledger/round-rows.ts';
import { USES, type Use, type UsedTime } from '../../ledger/use.ts';
import { formatPercent } from '../../units/format.ts';
import { type Column, renderTable } from './table.ts';

/** More of a run or a recipe than its name, for columns of their own. */
export interface CostNames {
  readonly armOf: (run: string) => string | null;
  /** GPU-hours that somebody else has published for the recipe. */
  readonly publishedOf: (recipe: string) => number | null;
}

interface Line {
  readonly row: CostRow;
  readonly text: RoundedRow;
  readonly isTotal: boolean;
}

const HEADERS: Readonly<Record<CostDimension, string>> = {
  run: 'RUN',
  recipe: 'RECIPE',
  project: 'PROJECT',
  team: 'TEAM',
  costCenter: 'COST CENTRE',
  node: 'NODE',
  stage: 'STAGE',
  month: 'MONTH',
  phase: 'PHASE',
};

/**
 * Rows and their total, for a terminal. Of waste, what it cost and the causes in per cent of the held time, the largest
 * first.
 */
export function costTable(
  rows: readonly CostRow[],
  by: readonly CostDimension[],
  names: CostNames,
  options: { readonly width?: number },
): string {
  const lines = withTotals(rows);
  const hasPublished = rows.some(({ key }) => key.recipe != null && names.publishedOf(key.recipe) !== null);
  const columns: Column<Line>[] = [
    ...by.flatMap((dimension, index) => keyColumns(dimension, index === 0, names)),
    { header: 'DEVICE-HOURS', cell: ({ text }) => text.deviceHours, align: 'right' },
    ...(hasPublished && by.includes('recipe') ? [publishedColumn(names)] : []),
    ...(by.includes('phase') ? [] : [goodputColumn]),
    { header: 'COST', cell: ({ row, text }) => money(row, text.cost), align: 'right' },
    ...(by.includes('phase') ? [] : wasteColumns),
  ];
  return renderTable(lines, columns, options);
}

/** Rounded with their rows, totals are the sums of what is printed. */
function withTotals(rows: readonly CostRow[]): readonly Line[] {
  const lines = (of: readonly CostRow[], isTotal: boolean): readonly Line[] =>
    roundRows(of).map((text, index) => ({ row: of[index] ?? sumRows([]), text, isTotal }));
  if (rows.length < 2) return lines(rows, false);
  const totals = [...Map.groupBy(rows, (row) => row.cost?.currency).values()].map(sumRows);
  return [...lines(rows, false), ...lines(totals, true)];
}

function keyColumns(dimension: CostDimension, isFirst: boolean, names: CostNames): readonly Column<Line>[] {
  const column: Column<Line> = {
    header: HEADERS[dimension],
    cell: ({ row, isTotal }) => (isTotal ? (isFirst ? 'total' : '') : (row.key[dimension] ?? null)),
    align: 'left',
  };
  if (dimension !== 'run') return [column];
  return [
    column,
    {
      header: 'ARM',
      cell: ({ row, isTotal }) => (isTotal ? '' : names.armOf(row.key.run ?? '')),
      align: 'left',
    },
  ];
}

const publishedColumn = ({ publishedOf }: CostNames): Column<Line> => ({
  header: 'PUBLISHED',
  cell: ({ row, isTotal }) => (isTotal ? '' : publishedOf(row.key.recipe ?? '')),
  align: 'right',
});

const goodputColumn: Column<Line> = {
  header: 'GOODPUT',
  cell: ({ row: { uses } }) => {
    const share = uses && goodput(uses);
    return share === null ? null : formatPercent(share, 0);
  },
  align: 'right',
};

const wasteColumns: readonly Column<Line>[] = [
  { header: 'WASTED', cell: ({ row, text }) => money(row, text.waste), align: 'right' },
  {
    header: 'ON',
    cell: ({ row: { uses, gpuMilliseconds } }) => uses && causes(uses, gpuMilliseconds),
    align: 'left',
  },
];

const money = ({ cost }: CostRow, text: string | null): string =>
  cost === null || text === null ? 'no price' : `${text} ${cost.currency}`;

/** The words of it where they differ from its name. */
const USE_LABEL: Readonly<Partial<Record<Use, string>>> = { 'failed-attempts': 'failed attempts' };

/** `start-up 31%, idle 6%`; less than half a per cent is not worth a word. */
function causes(uses: UsedTime, gpuMilliseconds: number): string {
  const shares = USES.filter((use) => use !== 'productive')
    .map((use) => ({ use, share: (uses[use] ?? 0) / gpuMilliseconds }))
    .filter(({ share }) => share >= 0.005)
    .toSorted((a, b) => b.share - a.share);
  return shares.map(({ use, share }) => `${USE_LABEL[use] ?? use} ${formatPercent(share, 0)}`).join(', ');
}
