import type { CostRowAnswer } from '../contract/costs.ts';
import type { Answer, Question } from '../contract/routes.ts';
import { type CostDimension, type CostRow, costRows } from '../ledger/cost-rows.ts';
import type { PriceBook } from '../ledger/price-book.ts';
import { priceOn } from '../ledger/price-on.ts';
import type { UsageDimension } from '../ledger/usage-sum.ts';
import type { Desk } from './desk.ts';
import { usageOf } from './usage-of.ts';

/** What was held and what it cost, by the prices of a book. @throws StintError `no-such-run`, `ledger-conservation`. */
export async function sumCost(
  desk: Desk,
  { by, ...span }: Question<'sumCost'>,
  book: PriceBook | null,
): Promise<Answer<'sumCost'>> {
  const { sums, sight } = await usageOf(desk, span, storeDimensions(by));
  const rows = inOrder(
    costRows(sums, by, (time) => priceOn(book, time)),
    by,
  );
  const unseen = sight.unseen.map(({ run, why }) => ({ run, why }));
  return { rows: rows.map(answerOf), ...(await namesOf(desk, rows)), unseen };
}

const answerOf = ({ cost, ...row }: CostRow): CostRowAnswer => ({
  ...row,
  uses: row.uses && { ...row.uses },
  cost: cost && { currency: cost.currency, total: String(cost.total), waste: String(cost.waste) },
});

async function namesOf(
  { workplace: { store } }: Desk,
  rows: readonly CostRow[],
): Promise<Pick<Answer<'sumCost'>, 'arms' | 'published'>> {
  const [runs, recipes] = [
    new Set(rows.map(({ key }) => key.run)),
    new Set(rows.map(({ key }) => key.recipe)),
  ];
  const named = rows.some(({ key }) => key.run != null || key.recipe != null) ? await store.runs.list() : [];
  const published = named.flatMap(({ name, recipe }) => {
    const hours = recipe.kind === 'FineTune' ? recipe.published?.gpuHours : undefined;
    return recipes.has(name) && hours !== undefined ? [[name, hours] as const] : [];
  });
  return {
    arms: Object.fromEntries(named.flatMap(({ id, arm }) => (runs.has(id) ? [[id, arm]] : []))),
    published: Object.fromEntries(published),
  };
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
