import type { Answer, Question } from '../contract/routes.ts';
import { StintError } from '../errors/stint-error.ts';
import { type FocusRun, focusRecords } from '../ledger/focus.ts';
import type { PriceBook } from '../ledger/price-book.ts';
import { priceOn } from '../ledger/price-on.ts';
import type { UsageSum } from '../ledger/usage-sum.ts';
import type { RunRecord } from '../run/run-record.ts';
import { formatDeviceTime } from '../units/format.ts';
import type { Desk } from './desk.ts';
import { usageOf } from './usage-of.ts';

/** Charges as FOCUS has them, by the prices of a book. @throws StintError `no-such-run`, `no-price`. */
export async function listCharges(
  desk: Desk,
  span: Question<'listCharges'>,
  book: PriceBook | null,
): Promise<Answer<'listCharges'>> {
  const { sums, runs, sight } = await usageOf(desk, span, ['run', 'node', 'stage']);
  const held = sums.filter(({ gpuMilliseconds }) => gpuMilliseconds > 0);
  const unpriced: UsageSum[] = [];
  const usage = held.flatMap((sum) => {
    const price = priceOn(book, sum);
    if (price !== null) return [{ sum, price }];
    unpriced.push(sum);
    return [];
  });
  if (unpriced.length > 0) throw noPrice(unpriced);
  const { runs: known } = desk.workplace.store;
  const records =
    runs === undefined ? await known.list() : await Promise.all(runs.map((id) => known.find(id)));
  const described = new Map(records.flatMap((run) => (run ? [[run.id, focusRun(run)] as const] : [])));
  const charges = focusRecords(usage, (run) => described.get(run) ?? null).map((charge) => ({ ...charge }));
  return { charges, unseen: sight.unseen.map(({ run, why }) => ({ run, why })) };
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
