import { podStatements } from '../../controller/held-by-phase.ts';
import { lookAtUnattended, type UnattendedSight } from '../../controller/look-at-unattended.ts';
import { refreshUsage } from '../../controller/refresh-usage.ts';
import type { Workplace } from '../../controller/workplace.ts';
import { loadPriceBook } from '../../documents/load-price-book.ts';
import { StintError } from '../../errors/stint-error.ts';
import { costRecords } from '../../ledger/cost-records.ts';
import { type CostDimension, type CostRow, costRows, sumRows } from '../../ledger/cost-rows.ts';
import { FOCUS_COLUMNS, type FocusRun, focusRecords } from '../../ledger/focus.ts';
import { type PriceBook } from '../../ledger/price-book.ts';
import { priceOn } from '../../ledger/price-on.ts';
import { type RunDescription, sumDays } from '../../ledger/sum-days.ts';
import { usageDays } from '../../ledger/usage-day.ts';
import type { UsageDimension, UsageSum } from '../../ledger/usage-sum.ts';
import { findRuns } from '../../operations/find-runs.ts';
import type { RunRecord } from '../../store/port.ts';
import { formatDeviceTime } from '../../units/format.ts';
import type { CliContext } from '../context.ts';
import { type CostOptions, type CostQuery, costQuery } from '../cost-query.ts';
import { type Output, printJson } from '../output.ts';
import { costCsv } from '../render/cost-csv.ts';
import { costTable } from '../render/cost-table.ts';
import { renderCsv } from '../render/csv.ts';
import { unseenText } from '../unseen-text.ts';

/** `stint cost [RUN…] --by …`: what was held, what of it was waste, and what it cost. Rows add up to their totals exactly. */
export async function cost(
  references: readonly string[],
  options: CostOptions,
  context: CliContext,
): Promise<number> {
  const { output, home } = context;
  const query = costQuery(options);
  const book = await loadPriceBook(options.prices, home);
  const workplace = await context.openWorkplace();
  const named = references.length > 0 ? await findRuns(workplace.store, references) : undefined;
  const sight = await lookAtUnattended(
    workplace,
    named?.map(({ id }) => id),
  );
  for (const line of unseenText(sight)) output.tell(line);
  const known = { named, sight };
  if (query.format === 'focus') {
    await printFocus(workplace, known, query, book, output);
    return 0;
  }
  const sums = await sumUsage(workplace, query, storeDimensions(query.by), known);
  const rows = inOrder(
    costRows(sums, query.by, (time) => priceOn(book, time)),
    query.by,
  );
  if (query.format === 'json') printJson(output, costRecords(rows));
  else if (query.format === 'csv') output.print(costCsv(costRecords(rows), query.by));
  else await printTable(rows, query, workplace, output);
  return 0;
}

/** What is recorded, and in its place what was just seen of runs that nobody works on. */
async function sumUsage(
  workplace: Workplace,
  { since, until }: CostQuery,
  by: readonly UsageDimension[],
  { named, sight }: { readonly named: readonly RunRecord[] | undefined; readonly sight: UnattendedSight },
): Promise<readonly UsageSum[]> {
  await refreshUsage(workplace);
  const runs = named?.map(({ id }) => id);
  const days = { ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
  const looked = sight.looked.filter(({ id }) => runs?.includes(id) ?? true);
  const ids = looked.map(({ id }) => id);
  const recorded = await workplace.store.usage.sum({ by, ...days, ...(runs && { runs }), except: ids });
  const pods = ids.length === 0 ? [] : await podStatements(workplace, sight, ids);
  return [...recorded, ...sumDays(pods.flatMap(usageDays), by, describedBy(looked), days)];
}

function describedBy(records: readonly RunRecord[]): (run: string) => RunDescription | undefined {
  const known = new Map(
    records.map(({ id, name, recipe, profile }): [string, RunDescription] => [
      id,
      {
        recipe: name,
        team: recipe.team ?? null,
        project: recipe.project ?? null,
        costCenter: recipe.costCenter ?? null,
        listedPrice: profile.price ?? null,
      },
    ]),
  );
  return (run) => known.get(run);
}

/** Months follow from days and phases are columns: the store needs not tell them apart. */
const storeDimensions = (by: readonly CostDimension[]): readonly UsageDimension[] =>
  by.filter((dimension) => dimension !== 'month' && dimension !== 'phase');

/** Months go on downwards; of everything else, what holds the most comes first, and rows of one stay together. */
function inOrder(rows: readonly CostRow[], [first]: readonly CostDimension[]): readonly CostRow[] {
  const of = (row: CostRow) => (first === undefined ? '' : (row.key[first] ?? ''));
  const held = new Map<string, number>();
  for (const row of rows) held.set(of(row), (held.get(of(row)) ?? 0) + row.gpuMilliseconds);
  const group = (row: CostRow) => held.get(of(row)) ?? 0;
  return rows.toSorted(
    (a, b) =>
      (first === 'month' ? 0 : group(b) - group(a)) ||
      of(a).localeCompare(of(b)) ||
      b.gpuMilliseconds - a.gpuMilliseconds,
  );
}

async function printTable(
  rows: readonly CostRow[],
  { by }: CostQuery,
  { store }: Workplace,
  output: Output,
): Promise<void> {
  if (rows.length === 0) {
    output.tell('No device time has been held in that time.');
    return;
  }
  const records = by.includes('run') || by.includes('recipe') ? await store.runs.list() : [];
  const arms = new Map(records.map(({ id, arm }) => [id, arm]));
  const published = new Map(
    records.map(({ name, recipe }) => [
      name,
      recipe.kind === 'FineTune' ? (recipe.published?.gpuHours ?? null) : null,
    ]),
  );
  const names = {
    armOf: (run: string) => arms.get(run) ?? null,
    publishedOf: (recipe: string) => published.get(recipe) ?? null,
  };
  output.print(costTable(rows, by, names, output.isTerminal ? { width: output.width } : {}));
  const all = sumRows(rows);
  const priceless = sumRows(rows.filter((row) => row.cost === null)).gpuMilliseconds;
  if (priceless > 0)
    output.tell(
      `No price is known for ${formatDeviceTime(priceless)}: add them to the home's prices.yaml, or name a price book with --prices.`,
    );
  if (all.doubtfulMilliseconds > 0)
    output.tell(
      `In doubt: ${formatDeviceTime(all.doubtfulMilliseconds)} beside it, of pods of which nobody knows whether they held their devices for longer; nobody is billed for it.`,
    );
}

async function printFocus(
  workplace: Workplace,
  known: { readonly named: readonly RunRecord[] | undefined; readonly sight: UnattendedSight },
  query: CostQuery,
  book: PriceBook | null,
  output: Output,
): Promise<void> {
  const sums = await sumUsage(workplace, query, ['run', 'node', 'stage'], known);
  const held = sums.filter(({ gpuMilliseconds }) => gpuMilliseconds > 0);
  const unpriced: UsageSum[] = [];
  const usage = held.flatMap((sum) => {
    const price = priceOn(book, sum);
    if (price !== null) return [{ sum, price }];
    unpriced.push(sum);
    return [];
  });
  if (unpriced.length > 0) throw noPrice(unpriced);
  const runs = new Map(
    (known.named ?? (await workplace.store.runs.list())).map((run) => [run.id, focusRun(run)]),
  );
  const records = focusRecords(usage, (run) => runs.get(run) ?? null);
  if (records.length === 0) output.tell('No device time has been held in that time.');
  output.print(
    renderCsv(
      FOCUS_COLUMNS,
      records.map((record) => FOCUS_COLUMNS.map((column) => record[column] ?? null)),
    ),
  );
}

const focusRun = ({ name, arm, recipe, recipeDigest, profile }: RunRecord): FocusRun => ({
  recipe: name,
  arm,
  recipeDigest,
  team: recipe.team ?? null,
  project: recipe.project ?? null,
  costCenter: recipe.costCenter ?? null,
  cluster: profile.name,
});

/** A charge without a cost is none, and one of nothing would be a lie. */
function noPrice(sums: readonly UsageSum[]): StintError {
  const kinds = Map.groupBy(sums, ({ deviceModel, capacity, region }) =>
    [deviceModel, capacity, region].filter(Boolean).join(', '),
  );
  return new StintError(
    [...kinds].map(([kind, of]) => ({
      code: 'no-price',
      where: kind,
      what: `no price is known for ${formatDeviceTime(of.reduce((total, sum) => total + sum.gpuMilliseconds, 0))} of ${kind}`,
      why: 'every charge in FOCUS has a cost, and a missing price is not a price of zero',
      todo: "add the price to the home's prices.yaml, name a price book with --prices, or leave the time out with --since and --until",
    })),
  );
}
