import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StintError } from '../errors/stint-error.ts';
import type { PriceBook } from '../ledger/price-book.ts';

const NAME = 'prices.yaml';

/**
 * The price book that was named, else the home's `prices.yaml`; null where there is neither, and profiles' prices hold.
 *
 * @throws StintError for each wrong field, and where two entries say different things of one day.
 */
export async function loadPriceBook(named: string | undefined, home: string): Promise<PriceBook | null> {
  const file = named ?? join(home, NAME);
  if (named === undefined && !existsSync(file)) return null;
  // Most homes have none, and every command asks.
  const [{ overlaps, PriceBookSchema }, { readLocated }] = await Promise.all([
    import('../ledger/price-book.ts'),
    import('./read-document.ts'),
  ]);
  const { value: book, locate } = await readLocated(file, PriceBookSchema);
  const twice = overlaps(book);
  if (twice.length === 0) return book;
  throw new StintError(
    twice.map(([first, second]) => ({
      code: 'two-prices',
      where: locate(['prices', second]),
      what: `two prices hold on the same days, the other at ${locate(['prices', first])}, for ${book.prices[first]?.deviceModel}, ${book.prices[first]?.capacity}${regionText(book, first)}`,
      why: 'of each model, capacity and region one price holds on a day',
      todo: 'end the earlier one with `until` on the day before the later one begins with `from`',
    })),
  );
}

function regionText({ prices }: PriceBook, index: number): string {
  const region = prices[index]?.region;
  return region === undefined ? '' : ` in ${region}`;
}
